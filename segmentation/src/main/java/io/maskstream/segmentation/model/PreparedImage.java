package io.maskstream.segmentation.model;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.Resampling;
import io.maskstream.segmentation.image.RgbImage;
import java.nio.FloatBuffer;

/**
 * A picture as a model takes it, with the size that the answer is brought back to.
 *
 * <p>Made by any thread ({@link InferenceModel#prepare}), so that a pipeline can prepare one batch while another runs.
 */
public final class PreparedImage {
    private final int originalHeight;
    private final int originalWidth;
    private final int height;
    private final int width;
    private final float[] planes; // [3, height, width]

    private PreparedImage(int originalHeight, int originalWidth, int height, int width, float[] planes) {
        this.originalHeight = originalHeight;
        this.originalWidth = originalWidth;
        this.height = height;
        this.width = width;
        this.planes = planes;
    }

    /** Resizes by the input's size policy and normalises. */
    public static PreparedImage of(RgbImage image, ModelInput input) {
        int height = input.heightFor(image.height(), image.width());
        int width = input.widthFor(image.height(), image.width());
        float[] planes = image.height() == height && image.width() == width
                ? planes(image.pixels(), height * width, input)
                : planes(Resampling.unrounded(image, height, width), height * width, input);
        return new PreparedImage(image.height(), image.width(), height, width, planes);
    }

    private static float[] planes(Bytes pixels, int area, ModelInput input) {
        float[] planes = new float[3 * area];
        for (int c = 0; c < 3; c++) {
            float[] table = new float[256];
            for (int value = 0; value < 256; value++) {
                table[value] =
                        (value / 255f - input.mean().get(c)) / input.std().get(c);
            }
            for (int i = 0, from = c, to = c * area; i < area; i++, from += 3, to++) {
                planes[to] = table[pixels.at(from)];
            }
        }
        return planes;
    }

    private static float[] planes(float[] pixels, int area, ModelInput input) {
        float[] planes = new float[3 * area];
        for (int c = 0; c < 3; c++) {
            float mean = input.mean().get(c);
            float std = input.std().get(c);
            for (int i = 0, from = c, to = c * area; i < area; i++, from += 3, to++) {
                planes[to] = (pixels[from] / 255f - mean) / std;
            }
        }
        return planes;
    }

    /** Returns this with the answer kept at the model's size, as an evaluation compares it. */
    public PreparedImage answeredAtModelSize() {
        return new PreparedImage(height, width, height, width, planes);
    }

    /** Returns the rows of the picture before it was prepared. */
    public int originalHeight() {
        return originalHeight;
    }

    /** Returns the columns of the picture before it was prepared. */
    public int originalWidth() {
        return originalWidth;
    }

    /** Returns the rows that the model sees. */
    public int height() {
        return height;
    }

    /** Returns the columns that the model sees. */
    public int width() {
        return width;
    }

    /** Puts the input's values, {@code [3, height, width]}, behind what the buffer has. */
    public void copyTo(FloatBuffer target) {
        target.put(planes);
    }
}
