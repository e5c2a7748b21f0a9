package io.maskstream.segmentation.scene;

import java.util.SplittableRandom;

/**
 * Noise made once and sampled with offsets: drawing it anew for every scene would cost more than the scene.
 *
 * <p>Both tiles are in about [-1, 1] and wrap around.
 */
final class NoiseTile {
    private static final int SIDE = 256;
    private static final int WRAP = SIDE - 1;
    private static final float[] GRAIN = grain();
    private static final float[] CLOUD = cloud();

    private NoiseTile() {}

    /** Noise that is new at every pixel. */
    static float grain(int x, int y) {
        return GRAIN[(y & WRAP) * SIDE + (x & WRAP)];
    }

    /** Noise that changes over some ten pixels, with finer parts. */
    static float cloud(int x, int y) {
        return CLOUD[(y & WRAP) * SIDE + (x & WRAP)];
    }

    private static float[] grain() {
        SplittableRandom random = new SplittableRandom(11);
        float[] tile = new float[SIDE * SIDE];
        for (int i = 0; i < tile.length; i++) {
            tile[i] = (float) ((random.nextDouble() + random.nextDouble() + random.nextDouble()) / 1.5 - 1);
        }
        return tile;
    }

    private static float[] cloud() {
        SplittableRandom random = new SplittableRandom(12);
        float[] tile = new float[SIDE * SIDE];
        float share = 0.55f;
        for (int cell = 32; cell >= 4; cell /= 2) {
            int cells = SIDE / cell;
            float[] corners = new float[cells * cells];
            for (int i = 0; i < corners.length; i++) {
                corners[i] = (float) random.nextDouble(-1, 1);
            }
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    tile[y * SIDE + x] += share * smooth(corners, cells, (float) x / cell, (float) y / cell);
                }
            }
            share *= 0.6f;
        }
        return tile;
    }

    private static float smooth(float[] corners, int cells, float x, float y) {
        int left = (int) x;
        int up = (int) y;
        float dx = ease(x - left);
        float dy = ease(y - up);
        int right = (left + 1) % cells;
        int down = (up + 1) % cells;
        float above = corners[up * cells + left] * (1 - dx) + corners[up * cells + right] * dx;
        float below = corners[down * cells + left] * (1 - dx) + corners[down * cells + right] * dx;
        return above * (1 - dy) + below * dy;
    }

    private static float ease(float t) {
        return t * t * (3 - 2 * t);
    }
}
