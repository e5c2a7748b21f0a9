package io.maskstream.segmentation.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.io.IOException;

/**
 * Makes RGB of what a decoder hands out.
 *
 * <p>The JDK's own way, {@code getRGB}, takes stored greys for linear light and brightens them, and converts a pixel at a
 * time.
 */
final class Rasters {
    private Rasters() {}

    static RgbImage toRgb(BufferedImage image) throws IOException {
        ColorModel model = image.getColorModel();
        if (!(model instanceof ComponentColorModel)) {
            return packedToRgb(image);
        }
        int space = model.getColorSpace().getType();
        Raster raster = image.getRaster();
        int bands = raster.getNumBands();
        int colours = model.getNumColorComponents();
        if (raster.getDataBuffer().getDataType() != DataBuffer.TYPE_BYTE
                && raster.getDataBuffer().getDataType() != DataBuffer.TYPE_USHORT) {
            throw new IOException("its samples are no unsigned bytes or 16-bit numbers");
        }
        if (space == ColorSpace.TYPE_CMYK && bands >= 4) {
            return inksToRgb(raster, 0, true);
        }
        if (colours != 1 && colours != 3) {
            throw new IOException("it has " + colours + " colours a pixel");
        }
        if (bands == colours && isPlainBytes(raster)) {
            return plainToRgb(raster, ((DataBufferByte) raster.getDataBuffer()).getData());
        }
        return spreadToRgb(raster, colours, model.hasAlpha(), model.isAlphaPremultiplied());
    }

    private static RgbImage packedToRgb(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        boolean hasAlpha = image.getColorModel().hasAlpha();
        byte[] rgb = new byte[3 * width * height];
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                int alpha = hasAlpha ? row[x] >>> 24 : 255;
                int at = 3 * (y * width + x);
                rgb[at] = (byte) PngColours.onWhite(row[x] >> 16 & 0xff, alpha);
                rgb[at + 1] = (byte) PngColours.onWhite(row[x] >> 8 & 0xff, alpha);
                rgb[at + 2] = (byte) PngColours.onWhite(row[x] & 0xff, alpha);
            }
        }
        return new RgbImage(height, width, Bytes.wrap(rgb));
    }

    /** Says whether the array behind a raster is one interleaved run of bytes. */
    private static boolean isPlainBytes(Raster raster) {
        return raster.getSampleModel() instanceof PixelInterleavedSampleModel model
                && raster.getDataBuffer() instanceof DataBufferByte buffer
                && buffer.getOffset() == 0
                && raster.getSampleModelTranslateX() == 0
                && raster.getSampleModelTranslateY() == 0
                && raster.getSampleModel().getSampleSize(0) == 8
                && model.getScanlineStride() == raster.getWidth() * model.getPixelStride();
    }

    private static RgbImage plainToRgb(Raster raster, byte[] bytes) {
        PixelInterleavedSampleModel model = (PixelInterleavedSampleModel) raster.getSampleModel();
        int[] offsets = model.getBandOffsets();
        int step = model.getPixelStride();
        int red = offsets[0];
        int green = offsets[offsets.length == 1 ? 0 : 1];
        int blue = offsets[offsets.length == 1 ? 0 : 2];
        int pixels = raster.getWidth() * raster.getHeight();
        byte[] rgb = new byte[3 * pixels];
        for (int i = 0, at = 0, to = 0; i < pixels; i++, at += step, to += 3) {
            rgb[to] = bytes[at + red];
            rgb[to + 1] = bytes[at + green];
            rgb[to + 2] = bytes[at + blue];
        }
        return new RgbImage(raster.getHeight(), raster.getWidth(), Bytes.wrap(rgb));
    }

    private static RgbImage spreadToRgb(Raster raster, int colours, boolean hasAlpha, boolean isPremultiplied) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        int top = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
        byte[] rgb = new byte[3 * width * height];
        int[] row = new int[width * bands];
        for (int y = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int alpha = hasAlpha ? scaled(row[x * bands + colours], top) : 255;
                for (int channel = 0; channel < 3; channel++) {
                    int value = scaled(row[x * bands + (colours == 1 ? 0 : channel)], top);
                    int shown = isPremultiplied ? Math.min(255, value + 255 - alpha) : PngColours.onWhite(value, alpha);
                    rgb[3 * (y * width + x) + channel] = (byte) shown;
                }
            }
        }
        return new RgbImage(height, width, Bytes.wrap(rgb));
    }

    private static int scaled(int value, int top) {
        return top == 255 ? value : (int) ((value * 255L + top / 2) / top);
    }

    /**
     * Makes RGB of the four inks of a JPEG.
     *
     * @param adobeTransform 2 if the first three inks are stored as YCbCr (YCCK); -1 if no Adobe segment was there, which
     *     is the one case in which 255 is full ink
     */
    static RgbImage inksToRgb(Raster raster, int adobeTransform) {
        return inksToRgb(raster, adobeTransform, adobeTransform < 0);
    }

    private static RgbImage inksToRgb(Raster raster, int adobeTransform, boolean isFullAtTop) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        int top = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
        byte[] rgb = new byte[3 * width * height];
        int[] row = new int[width * bands];
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                int at = x * bands;
                int one = scaled(row[at], top);
                int two = scaled(row[at + 1], top);
                int three = scaled(row[at + 2], top);
                int black = scaled(row[at + 3], top);
                if (adobeTransform == 2) {
                    double blueness = two - 128;
                    double redness = three - 128;
                    three = clamp(one + 1.772 * blueness);
                    two = clamp(one - 0.344136 * blueness - 0.714136 * redness);
                    one = clamp(one + 1.402 * redness);
                }
                int to = 3 * (y * width + x);
                rgb[to] = (byte) light(one, black, isFullAtTop);
                rgb[to + 1] = (byte) light(two, black, isFullAtTop);
                rgb[to + 2] = (byte) light(three, black, isFullAtTop);
            }
        }
        return new RgbImage(height, width, Bytes.wrap(rgb));
    }

    /** What is left of white light under an ink and black; stored inverted, an ink already is that share. */
    private static int light(int ink, int black, boolean isFullAtTop) {
        int colour = isFullAtTop ? 255 - ink : ink;
        int key = isFullAtTop ? 255 - black : black;
        return (colour * key + 127) / 255;
    }

    private static int clamp(double value) {
        return (int) Math.max(0, Math.min(255, Math.round(value)));
    }
}
