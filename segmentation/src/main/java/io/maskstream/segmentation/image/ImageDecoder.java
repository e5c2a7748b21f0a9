package io.maskstream.segmentation.image;

import java.io.IOException;
import java.util.Locale;

/**
 * Decides what is a picture, and makes upright RGB of it: JPEG (also grey and CMYK), PNG (all kinds), WebP, TIFF and BMP.
 *
 * <p>Input is not trusted. The format is told by its first bytes, the header is read and the limits are checked before
 * anything is allocated for pixels, and a file that ends early is refused rather than filled up. EXIF orientation is
 * undone. Samples of 16 bits are scaled over their full range to 8. Transparency is laid over white, as a viewer shows it.
 * Embedded colour profiles are not applied: a network sees the stored values, as in training tools. Of a TIFF with several
 * pages the first is read; animations are refused.
 *
 * <p>Thread-safe: nothing is shared between calls.
 */
public final class ImageDecoder {
    private final ImageLimits limits;

    /** Decodes within the limits. */
    public ImageDecoder(ImageLimits limits) {
        this.limits = limits;
    }

    /** Says whether the first bytes, 18 or more, are those of a format that is read; nothing else is checked. */
    public static boolean isPicture(byte[] firstBytes) {
        try {
            FormatHeader.sniff(firstBytes);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Says what a picture is, without decoding its pixels.
     *
     * @throws ImageFormatException if it is no picture that is read here, is cut off or damaged as far as the structure
     *     shows, or exceeds the limits
     */
    public ImageHeader inspect(byte[] bytes) throws ImageFormatException {
        FormatHeader header = header(bytes);
        boolean isTurned = header.orientation() > 4;
        return new ImageHeader(
                header.format().mediaType(),
                (int) (isTurned ? header.height() : header.width()),
                (int) (isTurned ? header.width() : header.height()),
                header.orientation());
    }

    /**
     * Decodes a picture.
     *
     * @throws ImageFormatException as {@link #inspect}, and if the pixels cannot be decoded
     */
    public RgbImage decode(byte[] bytes) throws ImageFormatException {
        FormatHeader header = header(bytes);
        RgbImage stored;
        try {
            stored = switch (header.format()) {
                case PNG -> PngColours.toRgb(Png.read(bytes, limits.maxPixels()));
                case JPEG -> PluginDecoders.jpeg(new JpegSegments(bytes));
                case WEBP, TIFF, BMP -> PluginDecoders.other(header.format(), bytes);
            };
        } catch (IOException | RuntimeException e) { // plug-ins throw anything on damaged input
            throw unreadable(header.format(), e);
        }
        if (stored.width() != header.width() || stored.height() != header.height()) {
            throw new ImageFormatException("corrupt " + header.format() + ": its header says " + header.width() + "x"
                    + header.height() + " px, its data " + stored.width() + "x" + stored.height());
        }
        return Orientation.upright(stored, header.orientation());
    }

    private FormatHeader header(byte[] bytes) throws ImageFormatException {
        if (bytes.length > limits.maxBytes()) {
            throw new ImageFormatException("the picture has " + bytes.length + " bytes, at most " + limits.maxBytes()
                    + " are accepted: make it smaller or raise the limit");
        }
        FormatHeader header;
        try {
            header = FormatHeader.of(bytes);
        } catch (IOException e) {
            throw new ImageFormatException(String.valueOf(e.getMessage()), e);
        }
        if (header.width() < 1 || header.height() < 1) {
            throw new ImageFormatException("corrupt " + header.format() + ": its header says " + header.width() + "x"
                    + header.height() + " px");
        }
        if (header.width() > Integer.MAX_VALUE
                || header.height() > Integer.MAX_VALUE
                || header.width() * header.height() > Math.min(limits.maxPixels(), Integer.MAX_VALUE / 4)) {
            throw new ImageFormatException(String.format(
                    Locale.ROOT,
                    "the %s has %dx%d px, at most %d pixels are accepted: make it smaller or raise the limit",
                    header.format(),
                    header.width(),
                    header.height(),
                    Math.min(limits.maxPixels(), Integer.MAX_VALUE / 4)));
        }
        return header;
    }

    private static ImageFormatException unreadable(FormatHeader.Format format, Exception cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        boolean isOwn = cause instanceof IOException
                && (reason.startsWith("truncated") || reason.startsWith("corrupt") || reason.startsWith("an animated"));
        return new ImageFormatException(
                isOwn ? reason : "the " + format + " cannot be decoded, it is damaged or of a rare kind: " + reason,
                cause);
    }
}
