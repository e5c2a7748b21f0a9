package io.maskstream.segmentation.mask;

import java.awt.Color;

/**
 * The colours of classes that bring none of their own; every page and picture takes them from here.
 *
 * <p>The colour map of PASCAL VOC is not used: neighbours in it differ in a dark red or two, which nobody tells apart
 * under a half-transparent mask.
 */
public final class ClassColours {
    /** Bright and far apart, the first ones most of all. */
    private static final int[] DISTINCT = {
        0x4da3ff, 0xf2603c, 0xf7c325, 0xa06cf0, 0x2fbf71, 0xff7ab8, 0x18c7c9, 0xc68b4f, 0x9ad13b, 0x5a6bff, 0xff9d3b,
        0xd14ae0, 0xb9c0c7, 0xe23b5a, 0x0f9d8a, 0xe8e36a
    };

    private static final float GOLDEN_TURN = 0.618034f;

    private ClassColours() {}

    /** Returns the colour of a class as {@code 0xRRGGBB}: one of a fixed list, or one by its number after that. */
    public static int of(int index) {
        if (index < DISTINCT.length) {
            return DISTINCT[index];
        }
        float brightness = index % 2 == 0 ? 0.95f : 0.75f;
        return Color.HSBtoRGB(index * GOLDEN_TURN % 1, 0.65f, brightness) & 0xffffff;
    }
}
