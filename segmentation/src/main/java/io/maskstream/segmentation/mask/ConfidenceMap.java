package io.maskstream.segmentation.mask;

import io.maskstream.segmentation.image.Bytes;

/**
 * The probability of the predicted class at every pixel, in 255 steps.
 *
 * @param height rows, in pixels
 * @param width columns, in pixels
 * @param values {@code round(255 p)} of each pixel, unsigned, {@code [height, width]} row-major
 */
public record ConfidenceMap(int height, int width, Bytes values) {
    public ConfidenceMap {
        if (height < 1 || width < 1 || values.length() != Math.multiplyExact(height, width)) {
            throw new IllegalArgumentException(
                    "a confidence map of " + height + "x" + width + " px cannot hold " + values.length() + " values");
        }
    }

    /** Returns the probability at a pixel, in [0, 1]. */
    public double at(int row, int column) {
        return values.at(row * width + column) / 255.0;
    }
}
