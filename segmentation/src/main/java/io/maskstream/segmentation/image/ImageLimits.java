package io.maskstream.segmentation.image;

/**
 * How much of an untrusted picture is accepted; both are checked before any pixel is decoded.
 *
 * @param maxBytes the longest encoded form, in bytes, at least 1
 * @param maxPixels the most pixels, width times height, at least 1; decoding holds up to about 16 bytes for each
 */
public record ImageLimits(long maxBytes, long maxPixels) {
    /** 64 MiB encoded and 40 million pixels: more than a full-frame camera gives, far less than a bomb asks for. */
    public static final ImageLimits DEFAULT = new ImageLimits(64L << 20, 40_000_000);

    public ImageLimits {
        if (maxBytes < 1 || maxPixels < 1) {
            throw new IllegalArgumentException(
                    "image limits must be at least 1, got " + maxBytes + " bytes and " + maxPixels + " pixels");
        }
    }

    /** Returns {@link #DEFAULT}. */
    public static ImageLimits defaults() {
        return DEFAULT;
    }
}
