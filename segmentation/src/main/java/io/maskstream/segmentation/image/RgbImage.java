package io.maskstream.segmentation.image;

/**
 * A decoded picture: three unsigned bytes a pixel, upright.
 *
 * @param height rows, in pixels
 * @param width columns, in pixels
 * @param pixels red, green, blue of each pixel, {@code [height, width, 3]} row-major, sRGB
 */
public record RgbImage(int height, int width, Bytes pixels) {
    public RgbImage {
        if (height < 1 || width < 1 || pixels.length() != Math.multiplyExact(3, Math.multiplyExact(height, width))) {
            throw new IllegalArgumentException(
                    "an image of " + height + "x" + width + " px cannot hold " + pixels.length() + " bytes of RGB");
        }
    }
}
