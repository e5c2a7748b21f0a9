package io.maskstream.segmentation.mask;

import io.maskstream.segmentation.image.Bytes;

/**
 * A class index for every pixel of one image.
 *
 * @param height rows, in pixels
 * @param width columns, in pixels
 * @param classes one index per pixel, {@code [height, width]} row-major; {@link #IGNORE} marks an unlabelled pixel
 */
public record Mask(int height, int width, Bytes classes) {
    /** The index that no loss and no metric counts. */
    public static final int IGNORE = 255;

    public Mask {
        if (height < 1 || width < 1 || classes.length() != Math.multiplyExact(height, width)) {
            throw new IllegalArgumentException(
                    "a mask of " + height + "x" + width + " px cannot hold " + classes.length() + " classes");
        }
    }

    /** Returns the class index at a pixel, 0 to 255. */
    public int at(int row, int column) {
        return classes.at(row * width + column);
    }
}
