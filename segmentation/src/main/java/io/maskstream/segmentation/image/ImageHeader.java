package io.maskstream.segmentation.image;

/**
 * What a picture says of itself before its pixels are decoded.
 *
 * @param mediaType {@code image/jpeg}, {@code image/png}, {@code image/webp}, {@code image/tiff} or {@code image/bmp},
 *     told by the first bytes
 * @param width columns of the upright picture, in pixels
 * @param height rows of the upright picture, in pixels
 * @param orientation EXIF orientation of the stored pixels, 1 (upright) to 8; decoding undoes it
 */
public record ImageHeader(String mediaType, int width, int height, int orientation) {
    public ImageHeader {
        if (width < 1 || height < 1 || orientation < 1 || orientation > 8) {
            throw new IllegalArgumentException(
                    "no picture is " + width + "x" + height + " px with orientation " + orientation);
        }
    }
}
