package io.maskstream.segmentation.metric;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.Mask;

/** Masks by formula, so that a reference in another language can be given the same ones. */
final class Patterns {
    static final int HEIGHT = 24;
    static final int WIDTH = 30;

    private Patterns() {}

    /** {@code (x // 7 + y // 6) % 5}, 255 where {@code i % 17 == 0}, with {@code i = 30 y + x}. */
    static Mask truth() {
        byte[] classes = new byte[HEIGHT * WIDTH];
        for (int i = 0; i < classes.length; i++) {
            int x = i % WIDTH;
            int y = i / WIDTH;
            classes[i] = (byte) (i % 17 == 0 ? Mask.IGNORE : (x / 7 + y / 6) % 5);
        }
        return new Mask(HEIGHT, WIDTH, Bytes.wrap(classes));
    }

    /** {@code ((x + 2) // 7 + (y + 1) // 6) % 5}, one class further where {@code 7919 i % 11 == 0}. */
    static Mask prediction() {
        byte[] classes = new byte[HEIGHT * WIDTH];
        for (int i = 0; i < classes.length; i++) {
            int index = ((i % WIDTH + 2) / 7 + (i / WIDTH + 1) / 6) % 5;
            classes[i] = (byte) (i * 7919 % 11 == 0 ? (index + 1) % 5 : index);
        }
        return new Mask(HEIGHT, WIDTH, Bytes.wrap(classes));
    }

    /** {@code 37 i % 156 + 100}. */
    static ConfidenceMap confidence() {
        byte[] values = new byte[HEIGHT * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (37 * i % 156 + 100);
        }
        return new ConfidenceMap(HEIGHT, WIDTH, Bytes.wrap(values));
    }

    /** Blocks of 13x11 px in four classes, moved by some pixels; 255 where {@code i % 97 == 0} if asked. */
    static Mask blocks(int right, int down, boolean withIgnored) {
        int height = 40;
        int width = 50;
        byte[] classes = new byte[height * width];
        for (int i = 0; i < classes.length; i++) {
            int index = ((i % width + right) / 13 + (i / width + down) / 11) % 4;
            classes[i] = (byte) (withIgnored && i % 97 == 0 ? Mask.IGNORE : index);
        }
        return new Mask(height, width, Bytes.wrap(classes));
    }
}
