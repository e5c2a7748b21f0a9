package io.maskstream.segmentation.mask;

import io.maskstream.segmentation.image.Png;
import io.maskstream.segmentation.image.PngWriter;
import java.io.IOException;

/**
 * Masks and confidence maps as PNG with one sample a pixel.
 *
 * <p>What is written has 8 bits of grey. What is read may also hold fewer bits or palette indices, as the masks of most
 * data sets do; the stored number is the class, whatever colour it stands for.
 */
public final class GreyPng {
    private GreyPng() {}

    /** Returns the mask as an 8-bit grey PNG, the class ids as samples. */
    public static byte[] encode(Mask mask) {
        return PngWriter.grey(mask.height(), mask.width(), mask.classes().toArray());
    }

    /** Returns the map as an 8-bit grey PNG. */
    public static byte[] encode(ConfidenceMap map) {
        return PngWriter.grey(map.height(), map.width(), map.values().toArray());
    }

    /**
     * Reads a mask: grey of up to 8 bits, or palette indices; the samples are the class ids.
     *
     * @param maxPixels the most pixels to decode, checked before they are
     * @throws MaskFormatException if the bytes are no such PNG, are damaged, or exceed the limit
     */
    public static Mask mask(byte[] png, long maxPixels) throws MaskFormatException {
        Png content = read(png, maxPixels, "mask");
        return new Mask(content.height(), content.width(), content.samples());
    }

    /**
     * Reads a confidence map: 8-bit grey.
     *
     * @param maxPixels the most pixels to decode, checked before they are
     * @throws MaskFormatException if the bytes are no such PNG, are damaged, or exceed the limit
     */
    public static ConfidenceMap confidence(byte[] png, long maxPixels) throws MaskFormatException {
        Png content = read(png, maxPixels, "confidence map");
        if (content.colourType() != Png.GREY || content.bitDepth() != 8) {
            throw new MaskFormatException("a confidence map is an 8-bit grey PNG, found " + describe(content));
        }
        return new ConfidenceMap(content.height(), content.width(), content.samples());
    }

    private static Png read(byte[] png, long maxPixels, String what) throws MaskFormatException {
        if (png.length == 0) {
            throw new MaskFormatException("the " + what + " is empty: expected a PNG, found 0 bytes");
        }
        if (!Png.isPng(png)) {
            throw new MaskFormatException(
                    "the " + what + " is no PNG: its " + png.length + " bytes do not begin with the PNG signature");
        }
        Png content;
        try {
            content = Png.read(png, maxPixels);
        } catch (IOException e) {
            throw new MaskFormatException("the " + what + " cannot be read: " + e.getMessage(), e);
        }
        if (content.channels() != 1 || content.bitDepth() > 8) {
            throw new MaskFormatException("a " + what + " has one sample of at most 8 bits a pixel, found "
                    + describe(content) + "; write class ids as grey or palette indices");
        }
        return content;
    }

    private static String describe(Png content) {
        String kind =
                switch (content.colourType()) {
                    case Png.GREY -> "grey";
                    case Png.RGB -> "RGB";
                    case Png.PALETTE -> "palette";
                    case Png.GREY_ALPHA -> "grey with alpha";
                    default -> "RGB with alpha";
                };
        return content.bitDepth() + "-bit " + kind;
    }
}
