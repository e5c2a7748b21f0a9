package io.maskstream.segmentation.scene;

import java.awt.Color;
import java.util.random.RandomGenerator;

/** Colours as they are in even light; those of different classes overlap on purpose. */
final class Palette {
    private static final int[] WALLS = {
        0xa8583f, 0x8d4a3a, 0xc9b08a, 0xd8cdb8, 0xb9b2a6, 0x8f8f90, 0x9a7d5c, 0xcfa35a, 0x7c8894, 0xe2ded4, 0x6d6259,
        0xb7c2b0, 0xc98f7b, 0x757a6a
    };
    private static final int[] PAINTS = {
        0xb3262b, 0x22324f, 0x1c1d20, 0xe8e8e6, 0x9ea3a8, 0x5a6067, 0x2f5d45, 0x3d6fa8, 0xc9a227, 0x7d3f28, 0x87b5c4
    };
    private static final int[] CLOTHES = {
        0x24303f, 0x8c2f2f, 0x3f5f3a, 0xd6c9a8, 0x4a4a4f, 0x2f6f9f, 0xc46a2b, 0x6b4f7f, 0xe4e4e4, 0x1d1d1f
    };
    private static final int[] LEAVES = {0x4d6f2f, 0x5f7f35, 0x3d5c33, 0x74813a, 0x56733f, 0x8a7a35};
    private static final int[] SKINS = {0xe3b796, 0xc58c64, 0x8d5a3b, 0x5f3c29, 0xf0c8a8};

    private Palette() {}

    static Color wall(RandomGenerator random) {
        return varied(random, WALLS, 16);
    }

    static Color paint(RandomGenerator random) {
        return varied(random, PAINTS, 10);
    }

    static Color clothes(RandomGenerator random) {
        return varied(random, CLOTHES, 12);
    }

    static Color leaves(RandomGenerator random) {
        return varied(random, LEAVES, 14);
    }

    static Color skin(RandomGenerator random) {
        return varied(random, SKINS, 6);
    }

    static Color asphalt(RandomGenerator random) {
        int grey = random.nextInt(72, 122);
        return new Color(grey, grey + random.nextInt(-2, 4), grey + random.nextInt(0, 8));
    }

    static Color paving(RandomGenerator random) {
        int grey = random.nextInt(122, 182);
        int warmth = random.nextInt(-2, 18);
        return new Color(Math.min(255, grey + warmth), grey + warmth / 3, Math.max(0, grey - warmth));
    }

    static Color shaded(Color colour, double factor) {
        return new Color(
                (int) Math.min(255, colour.getRed() * factor), (int) Math.min(255, colour.getGreen() * factor), (int)
                        Math.min(255, colour.getBlue() * factor));
    }

    private static Color varied(RandomGenerator random, int[] colours, int spread) {
        Color colour = new Color(colours[random.nextInt(colours.length)]);
        int lightness = random.nextInt(-spread, spread + 1);
        return new Color(
                clamp(colour.getRed() + lightness + random.nextInt(-5, 6)),
                clamp(colour.getGreen() + lightness + random.nextInt(-5, 6)),
                clamp(colour.getBlue() + lightness + random.nextInt(-5, 6)));
    }

    private static int clamp(int value) {
        return Math.max(0, Math.min(255, value));
    }
}
