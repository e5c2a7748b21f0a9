package io.maskstream.segmentation.model;

import java.util.List;

/**
 * How a picture becomes a model's input {@code [N, 3, height, width]}: RGB, float32, {@code (byte / 255 - mean) / std}.
 *
 * @param height rows that the model was trained at
 * @param width columns that the model was trained at
 * @param sizePolicy what happens to a picture of another size
 * @param multiple what both sides are rounded to under {@link SizePolicy#STRIDE}; at least 1
 * @param mean of red, green and blue, on the scale [0, 1]
 * @param std of red, green and blue, on the scale [0, 1], each above 0
 */
public record ModelInput(
        int height, int width, SizePolicy sizePolicy, int multiple, List<Float> mean, List<Float> std) {
    /** The longest side that is run. */
    public static final int MAX_SIDE = 8192;

    /** What happens to a picture whose size is not the model's. */
    public enum SizePolicy {
        /** It is resized to the model's height and width. */
        FIXED,
        /** It keeps its size, rounded to a multiple on both sides, as long as no side is above {@link #MAX_SIDE}. */
        STRIDE
    }

    public ModelInput {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (height < 8 || width < 8 || height > MAX_SIDE || width > MAX_SIDE) {
            throw new IllegalArgumentException(
                    "a model input has 8 to " + MAX_SIDE + " px a side, found " + height + "x" + width);
        }
        if (multiple < 1 || multiple > 512) {
            throw new IllegalArgumentException("the multiple of an input size is 1 to 512, found " + multiple);
        }
        if (mean.size() != 3 || std.size() != 3) {
            throw new IllegalArgumentException(
                    "mean and std have 3 values each (R, G, B), found " + mean.size() + " and " + std.size());
        }
        for (int c = 0; c < 3; c++) {
            if (!Float.isFinite(mean.get(c)) || !(std.get(c) > 0) || !Float.isFinite(std.get(c))) {
                throw new IllegalArgumentException(
                        "mean must be finite and std above 0, found mean " + mean + " and std " + std);
            }
        }
    }

    /** Returns a fixed input size with values scaled to [-1, 1]. */
    public static ModelInput fixed(int height, int width) {
        return new ModelInput(height, width, SizePolicy.FIXED, 1, List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.5f, 0.5f));
    }

    /** Returns the rows at which a picture of this size is run. */
    public int heightFor(int imageHeight, int imageWidth) {
        return sizePolicy == SizePolicy.FIXED ? height : rounded(imageHeight, scale(imageHeight, imageWidth));
    }

    /** Returns the columns at which a picture of this size is run. */
    public int widthFor(int imageHeight, int imageWidth) {
        return sizePolicy == SizePolicy.FIXED ? width : rounded(imageWidth, scale(imageHeight, imageWidth));
    }

    private static double scale(int imageHeight, int imageWidth) {
        return Math.min(1, (double) MAX_SIDE / Math.max(imageHeight, imageWidth));
    }

    private int rounded(int side, double scale) {
        int steps = (int) Math.round(side * scale / multiple);
        int smallest = (8 + multiple - 1) / multiple;
        return Math.max(smallest, Math.min(steps, MAX_SIDE / multiple)) * multiple;
    }
}
