package io.maskstream.segmentation.mask;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;

/** Makes masks and confidence maps visible. */
public final class MaskOverlay {
    private static final int[] HEAT = { // certain to uncertain, dark to light, so that it also reads in grey
        0x0b0724, 0x3b0f70, 0x8c2981, 0xde4968, 0xfe9f6d, 0xfcfdbf
    };

    private MaskOverlay() {}

    /**
     * Returns the image with the colour of each pixel's class over it; {@link Mask#IGNORE} leaves the image as it is.
     *
     * @param opacity 0 shows the image alone, 1 the mask alone
     * @throws IllegalArgumentException if the sizes differ, or a class has no colour
     */
    public static RgbImage blend(RgbImage image, Mask mask, ClassList classes, double opacity) {
        if (image.height() != mask.height() || image.width() != mask.width()) {
            throw new IllegalArgumentException("the image has " + image.height() + "x" + image.width()
                    + " px, the mask " + mask.height() + "x" + mask.width());
        }
        if (!(opacity >= 0 && opacity <= 1)) {
            throw new IllegalArgumentException("opacity is in [0, 1], got " + opacity);
        }
        byte[] blended = image.pixels().toArray();
        int share = (int) Math.round(opacity * 256);
        for (int i = 0; i < mask.classes().length(); i++) {
            int index = mask.classes().at(i);
            if (index == Mask.IGNORE) {
                continue;
            }
            int colour = colour(classes, index);
            for (int channel = 0; channel < 3; channel++) {
                int over = colour >> (16 - 8 * channel) & 0xff;
                int under = blended[3 * i + channel] & 0xff;
                blended[3 * i + channel] = (byte) (under + (((over - under) * share + 128) >> 8));
            }
        }
        return new RgbImage(image.height(), image.width(), Bytes.wrap(blended));
    }

    /** Returns the colours of the classes alone; {@link Mask#IGNORE} is white, which no VOC colour is. */
    public static RgbImage colours(Mask mask, ClassList classes) {
        byte[] pixels = new byte[3 * mask.classes().length()];
        for (int i = 0; i < mask.classes().length(); i++) {
            int index = mask.classes().at(i);
            put(pixels, i, index == Mask.IGNORE ? 0xffffff : colour(classes, index));
        }
        return new RgbImage(mask.height(), mask.width(), Bytes.wrap(pixels));
    }

    /** Returns a picture of uncertainty: dark where the model is sure, light where it is not. */
    public static RgbImage heatMap(ConfidenceMap map) {
        byte[] pixels = new byte[3 * map.values().length()];
        for (int i = 0; i < map.values().length(); i++) {
            put(pixels, i, heat(255 - map.values().at(i)));
        }
        return new RgbImage(map.height(), map.width(), Bytes.wrap(pixels));
    }

    private static int heat(int uncertainty) {
        int position = uncertainty * (HEAT.length - 1);
        int below = Math.min(position / 255, HEAT.length - 2);
        int rest = position - below * 255;
        int colour = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int from = HEAT[below] >> shift & 0xff;
            int to = HEAT[below + 1] >> shift & 0xff;
            colour |= (from + (to - from) * rest / 255) << shift;
        }
        return colour;
    }

    private static int colour(ClassList classes, int index) {
        if (index >= classes.size()) {
            throw new IllegalArgumentException(
                    "the mask has class " + index + ", but there are " + classes.size() + " classes");
        }
        return classes.colour(index);
    }

    private static void put(byte[] pixels, int pixel, int rgb) {
        pixels[3 * pixel] = (byte) (rgb >> 16);
        pixels[3 * pixel + 1] = (byte) (rgb >> 8);
        pixels[3 * pixel + 2] = (byte) rgb;
    }
}
