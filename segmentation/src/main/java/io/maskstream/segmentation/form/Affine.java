package io.maskstream.segmentation.form;

/**
 * How a real number becomes a byte from 0 to 255: {@code round(x / scale) + zeroPoint}, clamped.
 *
 * <p>Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018,
 * section 2.1. Zero is always a number of the grid, since padding writes zeros.
 *
 * @param scale one step, above 0
 * @param zeroPoint the byte of the number 0
 */
record Affine(float scale, int zeroPoint) {
    private static final int STEPS = 255;

    Affine {
        if (!(scale > 0) || zeroPoint < 0 || zeroPoint > STEPS) {
            throw new IllegalArgumentException(
                    "a scale is above 0 and a zero point from 0 to 255, found " + scale + " and " + zeroPoint);
        }
    }

    /** Returns the grid that spans a range; the range is widened to hold 0. */
    static Affine over(double low, double high) {
        double from = Math.min(0, low);
        double to = Math.max(0, high);
        if (!(to - from > 0)) {
            return new Affine(1, 0); // always zero
        }
        float scale = (float) ((to - from) / STEPS);
        if (from == 0 && scale * STEPS > (float) to) {
            scale = Math.nextDown(
                    scale); // a step past the bound of a Clip would keep ONNX Runtime from dropping the Clip
        }
        scale = Math.max(scale, Float.MIN_NORMAL);
        return new Affine(scale, (int) Math.max(0, Math.min(STEPS, Math.rint(-from / scale))));
    }
}
