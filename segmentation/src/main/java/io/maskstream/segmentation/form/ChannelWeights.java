package io.maskstream.segmentation.form;

/**
 * The weights of a convolution as signed bytes, each output channel with a step of its own and zero in the middle.
 *
 * <p>Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference", 2018, section 3.1.2. The bias is counted
 * in steps of input times weight, in 32 bits, so that it is added without a multiplication.
 */
final class ChannelWeights {
    private static final int LARGEST = 127;
    private static final int LARGEST_REDUCED = 63;
    private static final double MOST_BIAS = 1 << 30;

    private final float[] scales;
    private final byte[] weights;
    private final int[] bias;

    private ChannelWeights(float[] scales, byte[] weights, int[] bias) {
        this.scales = scales;
        this.weights = weights;
        this.bias = bias;
    }

    /**
     * Rounds weights.
     *
     * @param weights {@code [out, ...]} row-major
     * @param bias {@code [out]}
     * @param inputScale a step of the convolution's input
     * @param reduced whether 7 bits are used, for processors whose 8-bit products overflow 16 bits
     */
    static ChannelWeights of(float[] weights, float[] bias, float inputScale, boolean reduced) {
        int channels = bias.length;
        int each = weights.length / channels;
        int largest = reduced ? LARGEST_REDUCED : LARGEST;
        float[] scales = new float[channels];
        byte[] bytes = new byte[weights.length];
        int[] integers = new int[channels];
        for (int c = 0; c < channels; c++) {
            float most = 0;
            for (int i = c * each; i < (c + 1) * each; i++) {
                most = Math.max(most, Math.abs(weights[i]));
            }
            double forBias = Math.abs(bias[c]) / (inputScale * MOST_BIAS); // a channel of zeros may have a bias
            float scale = (float) Math.max(Math.max(most / largest, forBias), Float.MIN_NORMAL);
            for (int i = c * each; i < (c + 1) * each; i++) {
                bytes[i] = (byte) Math.max(-largest, Math.min(largest, Math.rint((double) weights[i] / scale)));
            }
            scales[c] = scale;
            integers[c] = (int) Math.rint(bias[c] / ((double) scale * inputScale));
        }
        return new ChannelWeights(scales, bytes, integers);
    }

    /** Returns a step of each output channel. */
    float[] scales() {
        return scales;
    }

    /** Returns the weights, as the float ones lie. */
    byte[] weights() {
        return weights;
    }

    /** Returns a value for each output channel. */
    int[] bias() {
        return bias;
    }

    /** Returns the steps of the bias. */
    float[] biasScales(float inputScale) {
        float[] steps = new float[scales.length];
        for (int c = 0; c < steps.length; c++) {
            steps[c] = scales[c] * inputScale;
        }
        return steps;
    }
}
