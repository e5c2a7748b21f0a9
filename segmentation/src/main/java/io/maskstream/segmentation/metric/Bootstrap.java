package io.maskstream.segmentation.metric;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How far a figure over images would move with other images: the percentile bootstrap.
 *
 * <p>Images are drawn with replacement, never pixels, because the pixels of an image are not independent. Efron and
 * Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
 */
public final class Bootstrap {
    /** How many sets of images are drawn. */
    public static final int RESAMPLES = 1_000;

    private Bootstrap() {}

    /**
     * Returns the 95 % interval of the mean IoU.
     *
     * @param perImage the matrix of each image, all of the same classes
     * @param seed equal seeds give equal intervals
     * @return both ends {@code NaN} if there is no image or no counted pixel
     */
    public static Interval miou(List<ConfusionMatrix> perImage, long seed) {
        ClassTallies tallies = new ClassTallies(perImage);
        double[] values = new double[RESAMPLES];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < RESAMPLES; i++) {
            values[i] = tallies.miou(tallies.draw(random));
        }
        return interval95(values);
    }

    /** Returns the 2.5 % and 97.5 % quantiles, interpolated, of the values that are not {@code NaN}. */
    static Interval interval95(double[] values) {
        double[] sorted = Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .sorted()
                .toArray();
        return sorted.length == 0
                ? new Interval(Double.NaN, Double.NaN)
                : new Interval(quantile(sorted, 0.025), quantile(sorted, 0.975));
    }

    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
