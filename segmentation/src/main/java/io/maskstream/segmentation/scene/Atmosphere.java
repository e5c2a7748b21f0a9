package io.maskstream.segmentation.scene;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import java.util.SplittableRandom;

/**
 * Turns flat colours into a photograph: surfaces, light, weather and the noise of the camera, pixel by pixel.
 *
 * <p>The mask is not touched: fog hides a car from the eye, not from the truth.
 */
final class Atmosphere {
    private final SplittableRandom random;
    private final Camera camera;
    private final SceneCanvas canvas;
    private final SceneCondition condition;
    private final int height;
    private final int width;
    private final byte[] classes;
    private final float[] red;
    private final float[] green;
    private final float[] blue;

    Atmosphere(SplittableRandom random, Camera camera, SceneCanvas canvas, SceneCondition condition) {
        this.random = random;
        this.camera = camera;
        this.canvas = canvas;
        this.condition = condition;
        height = canvas.height();
        width = canvas.width();
        classes = canvas.classes();
        red = new float[height * width];
        green = new float[height * width];
        blue = new float[height * width];
    }

    Scene finish() {
        surfaces();
        if (condition == SceneCondition.RAIN) {
            wetRoad();
        }
        light();
        if (condition == SceneCondition.NIGHT || condition == SceneCondition.DUSK) {
            lamps();
        }
        air();
        if (condition == SceneCondition.RAIN) {
            streaks();
        }
        RgbImage image = new RgbImage(height, width, Bytes.wrap(exposed()));
        return new Scene(image, new Mask(height, width, Bytes.wrap(classes)), condition);
    }

    /** Gives every class the grain that it has: leaves, asphalt, clouds. */
    private void surfaces() {
        int[] pixels = canvas.pixels();
        int dx = random.nextInt(256);
        int dy = random.nextInt(256);
        float cloudiness =
                switch (condition) {
                    case DAY -> (float) random.nextDouble(0, 60);
                    case DUSK -> (float) random.nextDouble(0, 40);
                    case OVERCAST, RAIN -> 16;
                    default -> 5;
                };
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                float fine = NoiseTile.grain(x + dx, y + dy);
                float coarse = NoiseTile.cloud(x + dx, y + dy);
                float change =
                        switch (classes[i]) {
                            case StreetScenes.SKY ->
                                cloudiness * Math.max(0, NoiseTile.cloud(x / 2 + dx, y + dy) + 0.1f);
                            case StreetScenes.TREE -> 24 * fine + 26 * NoiseTile.cloud(3 * x + dx, 3 * y + dy);
                            case StreetScenes.ROAD -> 9 * fine + 12 * coarse;
                            case StreetScenes.PAVEMENT -> 6 * fine + 9 * coarse;
                            case StreetScenes.BUILDING -> 6 * fine + 8 * coarse;
                            default -> 4 * fine + 4 * coarse;
                        };
                red[i] = (pixels[i] >> 16 & 0xff) + change;
                green[i] = (pixels[i] >> 8 & 0xff) + change;
                blue[i] = (pixels[i] & 0xff) + change;
            }
        }
    }

    /** A wet road mirrors what stands above it, blurred along the view and broken by ripples. */
    private void wetRoad() {
        int horizon = (int) camera.horizon();
        for (int y = Math.max(0, horizon + 1); y < height; y++) {
            int mirrored = Math.max(0, 2 * horizon - y);
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                if (classes[i] != StreetScenes.ROAD && classes[i] != StreetScenes.PAVEMENT) {
                    continue;
                }
                float puddle = 0.30f + 0.35f * Math.max(0, NoiseTile.cloud(x, 2 * y));
                int from = mirrored * width + Math.max(0, Math.min(width - 1, x + (int) (3 * NoiseTile.grain(x, y))));
                red[i] = red[i] * 0.72f * (1 - puddle) + red[from] * puddle;
                green[i] = green[i] * 0.72f * (1 - puddle) + green[from] * puddle;
                blue[i] = blue[i] * 0.75f * (1 - puddle) + blue[from] * puddle;
            }
        }
    }

    private void light() {
        float[] tint =
                switch (condition) {
                    case DAY -> new float[] {1.06f, 1.03f, 0.97f};
                    case OVERCAST -> new float[] {0.90f, 0.92f, 0.95f};
                    case DUSK -> new float[] {0.86f, 0.66f, 0.60f};
                    case RAIN -> new float[] {0.68f, 0.71f, 0.76f};
                    case FOG -> new float[] {0.86f, 0.88f, 0.90f};
                    case NIGHT -> new float[] {0.30f, 0.32f, 0.42f};
                };
        float warmth = (float) random.nextDouble(-0.05, 0.05);
        float strength = (float) random.nextDouble(0.88, 1.1);
        boolean[] glowing = canvas.glowing();
        for (int i = 0; i < red.length; i++) {
            if (glowing[i]) {
                continue;
            }
            red[i] *= tint[0] * strength * (1 + warmth);
            green[i] *= tint[1] * strength;
            blue[i] *= tint[2] * strength * (1 - warmth);
        }
    }

    private void lamps() {
        float power = condition == SceneCondition.NIGHT ? 0.62f : 0.22f;
        for (SceneCanvas.Light lamp : canvas.lights()) {
            float lampRed = (lamp.rgb() >> 16 & 0xff) * power;
            float lampGreen = (lamp.rgb() >> 8 & 0xff) * power;
            float lampBlue = (lamp.rgb() & 0xff) * power;
            double reach = Math.min(lamp.reach(), width / 3.0);
            int top = (int) Math.max(0, lamp.row() - reach);
            int bottom = (int) Math.min(height - 1, lamp.row() + reach);
            int left = (int) Math.max(0, lamp.column() - reach);
            int right = (int) Math.min(width - 1, lamp.column() + reach);
            for (int y = top; y <= bottom; y++) {
                for (int x = left; x <= right; x++) {
                    double across = (x - lamp.column()) / reach;
                    double down = (y - lamp.row()) / reach;
                    float near = (float) (1 - across * across - down * down);
                    if (near > 0) {
                        int i = y * width + x;
                        near *= near * near;
                        red[i] += lampRed * near;
                        green[i] += lampGreen * near;
                        blue[i] += lampBlue * near;
                    }
                }
            }
        }
    }

    /** What is far takes the colour of the air. */
    private void air() {
        double thickness =
                switch (condition) {
                    case FOG -> random.nextDouble(0.028, 0.075);
                    case RAIN -> random.nextDouble(0.006, 0.016);
                    case OVERCAST -> 0.004;
                    default -> 0.0022;
                };
        float[] colour =
                switch (condition) {
                    case NIGHT -> new float[] {30, 32, 40};
                    case DUSK -> new float[] {206, 150, 120};
                    case DAY -> new float[] {196, 212, 230};
                    default -> new float[] {176, 180, 184};
                };
        float[] faded = new float[1024]; // by distance in quarters of a metre
        for (int i = 0; i < faded.length; i++) {
            faded[i] = (float) (1 - Math.exp(-thickness * i / 4));
        }
        float[] distances = canvas.distances();
        for (int i = 0; i < red.length; i++) {
            if (classes[i] == StreetScenes.SKY && condition != SceneCondition.FOG) {
                continue;
            }
            float share = faded[(int) Math.min(faded.length - 1, distances[i] * 4)];
            red[i] += (colour[0] - red[i]) * share;
            green[i] += (colour[1] - green[i]) * share;
            blue[i] += (colour[2] - blue[i]) * share;
        }
    }

    private void streaks() {
        int count = width * height / 260;
        double slant = random.nextDouble(-0.3, 0.3);
        for (int i = 0; i < count; i++) {
            double x = random.nextDouble(width);
            int y = random.nextInt(height);
            int length = random.nextInt(4, Math.max(6, height / 12));
            float strength = (float) random.nextDouble(10, 34);
            for (int step = 0; step < length && y + step < height; step++) {
                int column = (int) (x + slant * step);
                if (column >= 0 && column < width) {
                    int at = (y + step) * width + column;
                    red[at] += strength;
                    green[at] += strength;
                    blue[at] += strength;
                }
            }
        }
    }

    /** Contrast, vignette and sensor noise, rounded to bytes. */
    private byte[] exposed() {
        float noise = condition == SceneCondition.NIGHT ? 13 : condition == SceneCondition.DUSK ? 6 : 3.5f;
        float contrast = (float) random.nextDouble(0.9, 1.12);
        float vignette = (float) random.nextDouble(0.05, 0.22);
        int dx = random.nextInt(256);
        int dy = random.nextInt(256);
        byte[] rgb = new byte[3 * red.length];
        for (int y = 0; y < height; y++) {
            float v = 2f * y / height - 1;
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                float u = 2f * x / width - 1;
                float dark = 1 - vignette * (u * u + v * v) / 2;
                rgb[3 * i] = level(red[i], dark, contrast, noise * NoiseTile.grain(x + dx, y + dy));
                rgb[3 * i + 1] = level(green[i], dark, contrast, noise * NoiseTile.grain(x + dx + 83, y + dy + 31));
                rgb[3 * i + 2] = level(blue[i], dark, contrast, noise * NoiseTile.grain(x + dx + 167, y + dy + 97));
            }
        }
        return rgb;
    }

    private static byte level(float value, float dark, float contrast, float noise) {
        float shown = (value * dark - 110) * contrast + 110 + noise;
        return (byte) Math.max(0, Math.min(255, Math.round(shown)));
    }
}
