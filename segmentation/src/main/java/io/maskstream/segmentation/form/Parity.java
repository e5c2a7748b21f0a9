package io.maskstream.segmentation.form;

import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.InferenceModel;

/**
 * How near a form comes to float32, at the model's size.
 *
 * @param images compared
 * @param sameClass share of pixels for which both give the same class
 * @param maxDifference largest absolute difference of a probability, over classes and pixels
 * @param meanDifference mean absolute difference of a probability, over classes and pixels
 */
public record Parity(int images, double sameClass, double maxDifference, double meanDifference) {

    /**
     * Compares two forms of a model.
     *
     * @throws IllegalArgumentException if there is no picture
     */
    public static Parity of(InferenceModel reference, InferenceModel form, Iterable<RgbImage> pictures) {
        int classes = reference.metadata().classes().size();
        int images = 0;
        long pixels = 0;
        long same = 0;
        double largest = 0;
        double sum = 0;
        for (RgbImage picture : pictures) {
            float[] expected = reference.probabilities(picture); // [C, H, W]
            float[] found = form.probabilities(picture);
            int area = expected.length / classes;
            for (int i = 0; i < expected.length; i++) {
                double difference = Math.abs(expected[i] - found[i]);
                largest = Math.max(largest, difference);
                sum += difference;
            }
            for (int pixel = 0; pixel < area; pixel++) {
                same += likeliest(expected, pixel, area) == likeliest(found, pixel, area) ? 1 : 0;
            }
            pixels += area;
            images++;
        }
        if (images == 0) {
            throw new IllegalArgumentException("there is no picture to compare two forms on");
        }
        return new Parity(images, (double) same / pixels, largest, sum / pixels / classes);
    }

    private static int likeliest(float[] planes, int pixel, int area) {
        int best = pixel;
        for (int i = pixel + area; i < planes.length; i += area) {
            if (planes[i] > planes[best]) {
                best = i;
            }
        }
        return best;
    }
}
