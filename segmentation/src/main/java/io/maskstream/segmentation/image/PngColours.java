package io.maskstream.segmentation.image;

/** Makes RGB of what a PNG stores: grey spread, palette looked up, 16 bits scaled to 8, alpha laid over white. */
final class PngColours {
    private PngColours() {}

    static RgbImage toRgb(Png png) {
        byte[] samples = png.samples().toArray();
        byte[] rgb = new byte[3 * png.width() * png.height()];
        if (png.colourType() == Png.RGB
                && png.bitDepth() == 8
                && png.transparency().length() == 0) {
            return new RgbImage(png.height(), png.width(), Bytes.wrap(samples));
        }
        if (png.channels() == 1 && png.bitDepth() <= 8) {
            int[] colours = colourOfSample(png);
            for (int i = 0; i < samples.length; i++) {
                put(rgb, i, colours[samples[i] & 0xff]);
            }
        } else {
            spread(png, samples, rgb);
        }
        return new RgbImage(png.height(), png.width(), Bytes.wrap(rgb));
    }

    /** One sample of at most 8 bits: at most 256 colours, each worked out once. */
    private static int[] colourOfSample(Png png) {
        int[] colours = new int[256];
        int top = (1 << png.bitDepth()) - 1;
        Bytes clear = png.transparency();
        for (int sample = 0; sample <= top; sample++) {
            if (png.colourType() == Png.GREY) {
                int grey = sample * 255 / top;
                boolean isClear = clear.length() >= 2 && (clear.at(0) << 8 | clear.at(1)) == sample;
                colours[sample] = isClear ? 0xffffff : grey * 0x010101;
            } else if (3 * sample + 2 < png.palette().length()) { // an index without a colour stays black
                int alpha = sample < clear.length() ? clear.at(sample) : 255;
                for (int channel = 0; channel < 3; channel++) {
                    colours[sample] =
                            colours[sample] << 8 | onWhite(png.palette().at(3 * sample + channel), alpha);
                }
            }
        }
        return colours;
    }

    private static void spread(Png png, byte[] samples, byte[] rgb) {
        int channels = png.channels();
        int bytes = png.bitDepth() / 8;
        boolean isGrey = channels <= 2;
        boolean hasAlpha = channels == 2 || channels == 4;
        int colours = isGrey ? 1 : 3;
        Bytes clear = png.transparency();
        boolean hasKey = !hasAlpha && clear.length() >= 2 * colours;
        int[] key = new int[colours];
        for (int c = 0; hasKey && c < colours; c++) {
            key[c] = clear.at(2 * c) << 8 | clear.at(2 * c + 1);
        }
        for (int i = 0; i < png.width() * png.height(); i++) {
            int at = i * channels * bytes;
            int alpha = hasAlpha ? eightBits(samples, at + colours * bytes, bytes) : 255;
            boolean isKey = hasKey;
            for (int c = 0; isKey && c < colours; c++) {
                isKey = stored(samples, at + c * bytes, bytes) == key[c];
            }
            for (int channel = 0; channel < 3; channel++) {
                int value = eightBits(samples, at + (isGrey ? 0 : channel) * bytes, bytes);
                rgb[3 * i + channel] = (byte) onWhite(value, isKey ? 0 : alpha);
            }
        }
    }

    private static int stored(byte[] samples, int at, int bytes) {
        return bytes == 1 ? samples[at] & 0xff : ((samples[at] & 0xff) << 8) | (samples[at + 1] & 0xff);
    }

    private static int eightBits(byte[] samples, int at, int bytes) {
        int value = stored(samples, at, bytes);
        return bytes == 1 ? value : (value * 255 + 32767) / 65535;
    }

    static int onWhite(int value, int alpha) {
        return alpha == 255 ? value : (value * alpha + 255 * (255 - alpha) + 127) / 255;
    }

    private static void put(byte[] rgb, int pixel, int colour) {
        rgb[3 * pixel] = (byte) (colour >> 16);
        rgb[3 * pixel + 1] = (byte) (colour >> 8);
        rgb[3 * pixel + 2] = (byte) colour;
    }
}
