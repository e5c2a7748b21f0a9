package io.maskstream.segmentation.metric;

import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.Mask;

/**
 * How far confidence is from the share of pixels that are right.
 *
 * <p>Guo et al., "On Calibration of Modern Neural Networks", ICML 2017: pixels are put into bins of equal width by their
 * confidence; the expected calibration error is the mean over pixels of the gap between a bin's confidence and its
 * accuracy. Bins are {@code (low, high]}; departure: the first holds 0 as well, so that every pixel counts. Sums are
 * kept, so that figures of images add up to that of the set.
 */
public final class CalibrationError {
    /** The number of bins when none is given, as in the paper. */
    public static final int DEFAULT_BINS = 15;

    private final long[] pixels;
    private final long[] right;
    private final double[] confidence;

    private CalibrationError(int bins) {
        if (bins < 1) {
            throw new IllegalArgumentException("calibration needs at least 1 bin, got " + bins);
        }
        pixels = new long[bins];
        right = new long[bins];
        confidence = new double[bins];
    }

    /** Returns the figure of no pixels. */
    public static CalibrationError empty(int bins) {
        return new CalibrationError(bins);
    }

    /** Measures one image in {@link #DEFAULT_BINS} bins. */
    public static CalibrationError of(Mask truth, Mask predicted, ConfidenceMap confidence) {
        return of(DEFAULT_BINS, truth, predicted, confidence);
    }

    /**
     * Measures one image; pixels that are {@link Mask#IGNORE} in either mask do not count.
     *
     * @throws IllegalArgumentException if the sizes differ
     */
    public static CalibrationError of(int bins, Mask truth, Mask predicted, ConfidenceMap confidence) {
        ConfusionMatrix.requireSameSize(truth, predicted);
        if (confidence.height() != truth.height() || confidence.width() != truth.width()) {
            throw new IllegalArgumentException("the truth has " + truth.height() + "x" + truth.width()
                    + " px, the confidence " + confidence.height() + "x" + confidence.width());
        }
        CalibrationError result = new CalibrationError(bins);
        for (int i = 0; i < truth.classes().length(); i++) {
            int expected = truth.classes().at(i);
            int found = predicted.classes().at(i);
            if (expected != Mask.IGNORE && found != Mask.IGNORE) {
                result.add(confidence.values().at(i) / 255.0, expected == found);
            }
        }
        return result;
    }

    /**
     * Measures given pixels.
     *
     * @param confidence in [0, 1]
     * @param right whether the pixel of that confidence has its true class, as long as {@code confidence}
     */
    public static CalibrationError ofPixels(int bins, double[] confidence, boolean[] right) {
        if (confidence.length != right.length) {
            throw new IllegalArgumentException(confidence.length + " confidences but " + right.length + " outcomes");
        }
        CalibrationError result = new CalibrationError(bins);
        for (int i = 0; i < confidence.length; i++) {
            if (!(confidence[i] >= 0 && confidence[i] <= 1)) {
                throw new IllegalArgumentException("confidence " + i + " is outside [0, 1]: " + confidence[i]);
            }
            result.add(confidence[i], right[i]);
        }
        return result;
    }

    private void add(double value, boolean isRight) {
        int bin = Math.max(0, (int) Math.ceil(value * pixels.length) - 1);
        pixels[bin]++;
        right[bin] += isRight ? 1 : 0;
        confidence[bin] += value;
    }

    /** Returns the sum of both; the numbers of bins must agree. */
    public CalibrationError plus(CalibrationError other) {
        if (other.pixels.length != pixels.length) {
            throw new IllegalArgumentException(
                    "figures of " + pixels.length + " and " + other.pixels.length + " bins cannot be added");
        }
        CalibrationError sum = new CalibrationError(pixels.length);
        for (int bin = 0; bin < pixels.length; bin++) {
            sum.pixels[bin] = pixels[bin] + other.pixels[bin];
            sum.right[bin] = right[bin] + other.right[bin];
            sum.confidence[bin] = confidence[bin] + other.confidence[bin];
        }
        return sum;
    }

    /** Returns the expected calibration error, in [0, 1]; {@code NaN} without pixels. */
    public double ece() {
        long total = 0;
        double sum = 0;
        for (int bin = 0; bin < pixels.length; bin++) {
            total += pixels[bin];
            sum += Math.abs(right[bin] - confidence[bin]);
        }
        return total == 0 ? Double.NaN : sum / total;
    }

    /** Returns the largest gap of any bin that has pixels; {@code NaN} without pixels. */
    public double worstGap() {
        double worst = Double.NaN;
        for (int bin = 0; bin < pixels.length; bin++) {
            if (pixels[bin] > 0) {
                double gap = Math.abs(accuracy(bin) - meanConfidence(bin));
                worst = Double.isNaN(worst) ? gap : Math.max(worst, gap);
            }
        }
        return worst;
    }

    /** Returns the number of bins. */
    public int bins() {
        return pixels.length;
    }

    /** Returns the pixels of a bin. */
    public long pixels(int bin) {
        return pixels[bin];
    }

    /** Returns the share of a bin's pixels that are right; {@code NaN} for an empty bin. */
    public double accuracy(int bin) {
        return pixels[bin] == 0 ? Double.NaN : (double) right[bin] / pixels[bin];
    }

    /** Returns the mean confidence of a bin's pixels; {@code NaN} for an empty bin. */
    public double meanConfidence(int bin) {
        return pixels[bin] == 0 ? Double.NaN : confidence[bin] / pixels[bin];
    }
}
