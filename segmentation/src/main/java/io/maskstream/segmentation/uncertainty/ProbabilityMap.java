package io.maskstream.segmentation.uncertainty;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.Mask;

/** The probability of every class at every pixel of one image. */
public final class ProbabilityMap {
    private static final double TOLERANCE = 1e-3;

    private final int classes;
    private final int height;
    private final int width;
    private final float[] values; // [class, row, column]

    /**
     * Copies the values.
     *
     * @param values {@code [classes, height, width]}, each in [0, 1], summing to 1 within 0.001 at every pixel
     */
    public ProbabilityMap(int classes, int height, int width, float[] values) {
        if (classes < 2 || height < 1 || width < 1 || values.length != (long) classes * height * width) {
            throw new IllegalArgumentException("probabilities of " + classes + " classes (at least 2) at " + height
                    + "x" + width + " px cannot have " + values.length + " values");
        }
        this.classes = classes;
        this.height = height;
        this.width = width;
        this.values = values.clone();
        for (int pixel = 0; pixel < height * width; pixel++) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                double p = at(c, pixel);
                if (!(p >= 0 && p <= 1 + TOLERANCE)) {
                    throw new IllegalArgumentException("class " + c + " has probability " + p + " at pixel " + pixel);
                }
                sum += p;
            }
            if (Math.abs(sum - 1) > TOLERANCE) {
                throw new IllegalArgumentException("the probabilities at pixel " + pixel + " sum to " + sum);
            }
        }
    }

    /**
     * Returns the softmax of class scores.
     *
     * @param logits {@code [classes, height, width]}
     * @param temperature what the scores are divided by, above 0; larger is less sure
     */
    public static ProbabilityMap softmax(int classes, int height, int width, float[] logits, double temperature) {
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("a temperature is above 0, got " + temperature);
        }
        int pixels = Math.multiplyExact(height, width);
        if (logits.length != (long) classes * pixels) {
            throw new IllegalArgumentException("scores of " + classes + " classes at " + height + "x" + width
                    + " px cannot have " + logits.length + " values");
        }
        float[] values = new float[logits.length];
        for (int pixel = 0; pixel < pixels; pixel++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                largest = Math.max(largest, logits[c * pixels + pixel] / temperature);
            }
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp(logits[c * pixels + pixel] / temperature - largest);
            }
            for (int c = 0; c < classes; c++) {
                values[c * pixels + pixel] =
                        (float) (Math.exp(logits[c * pixels + pixel] / temperature - largest) / sum);
            }
        }
        return new ProbabilityMap(classes, height, width, values);
    }

    /** Returns the number of classes. */
    public int classes() {
        return classes;
    }

    /** Returns the rows, in pixels. */
    public int height() {
        return height;
    }

    /** Returns the columns, in pixels. */
    public int width() {
        return width;
    }

    /** Returns the probability of a class at a pixel, counted row by row. */
    public double at(int index, int pixel) {
        return values[index * height * width + pixel];
    }

    /** Returns the likeliest class at a pixel; of equals the lowest index. */
    public int best(int pixel) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            best = at(c, pixel) > at(best, pixel) ? c : best;
        }
        return best;
    }

    /** Returns the likeliest class of every pixel. */
    public Mask mask() {
        byte[] indices = new byte[height * width];
        for (int pixel = 0; pixel < indices.length; pixel++) {
            indices[pixel] = (byte) best(pixel);
        }
        return new Mask(height, width, Bytes.wrap(indices));
    }

    /** Returns the probability of the likeliest class of every pixel, {@code round(255 p)}, half to even. */
    public ConfidenceMap confidence() {
        byte[] rounded = new byte[height * width];
        for (int pixel = 0; pixel < rounded.length; pixel++) {
            rounded[pixel] = (byte) Math.min(255, Math.rint(255 * at(best(pixel), pixel)));
        }
        return new ConfidenceMap(height, width, Bytes.wrap(rounded));
    }
}
