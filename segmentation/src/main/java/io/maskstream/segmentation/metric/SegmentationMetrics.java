package io.maskstream.segmentation.metric;

import java.util.Arrays;

/**
 * The four metrics of the survey and the figures per class, all read off one confusion matrix.
 *
 * <p>Pixel accuracy, mean accuracy, mean IoU and frequency-weighted IoU after Long et al., "Fully Convolutional Networks
 * for Semantic Segmentation", CVPR 2015. A class that is neither true nor predicted anywhere has no IoU ({@code NaN})
 * and is left out of the mean; one that is predicted but never true has IoU 0 and counts. The accuracy of a class
 * without true pixels is {@code NaN} and left out. A matrix of no pixels has {@code NaN} everywhere.
 */
public final class SegmentationMetrics {
    private final double pixelAccuracy;
    private final double meanAccuracy;
    private final double miou;
    private final double weightedIou;
    private final double[] perClassIou;
    private final double[] perClassAccuracy;

    private SegmentationMetrics(ConfusionMatrix matrix) {
        int classes = matrix.classes();
        perClassIou = new double[classes];
        perClassAccuracy = new double[classes];
        long hits = 0;
        long total = 0;
        double weighted = 0;
        for (int c = 0; c < classes; c++) {
            long hit = matrix.hits(c);
            long truths = matrix.truths(c);
            long union = truths + matrix.predictions(c) - hit;
            perClassIou[c] = union == 0 ? Double.NaN : (double) hit / union;
            perClassAccuracy[c] = truths == 0 ? Double.NaN : (double) hit / truths;
            hits += hit;
            total += truths;
            weighted += truths == 0 ? 0 : truths * perClassIou[c];
        }
        pixelAccuracy = total == 0 ? Double.NaN : (double) hits / total;
        weightedIou = total == 0 ? Double.NaN : weighted / total;
        miou = meanOfDefined(perClassIou);
        meanAccuracy = meanOfDefined(perClassAccuracy);
    }

    /** Returns the metrics of a matrix. */
    public static SegmentationMetrics of(ConfusionMatrix matrix) {
        return new SegmentationMetrics(matrix);
    }

    /** Returns the mean of the values that are not {@code NaN}; {@code NaN} if there is none. */
    static double meanOfDefined(double[] values) {
        return Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }

    /** Returns the share of pixels with their true class. */
    public double pixelAccuracy() {
        return pixelAccuracy;
    }

    /** Returns the mean over the true classes of the share of their pixels that was found. */
    public double meanAccuracy() {
        return meanAccuracy;
    }

    /** Returns the mean intersection over union. */
    public double miou() {
        return miou;
    }

    /** Returns the mean IoU in which each class weighs as much as it has true pixels. */
    public double weightedIou() {
        return weightedIou;
    }

    /** Returns a copy of the IoU of each class; {@code NaN} where the class is absent. */
    public double[] perClassIou() {
        return perClassIou.clone();
    }

    /** Returns a copy of the accuracy of each class; {@code NaN} where no true pixel has it. */
    public double[] perClassAccuracy() {
        return perClassAccuracy.clone();
    }

    /** Returns how many classes have an IoU, which the mean is over. */
    public int presentClasses() {
        return (int)
                Arrays.stream(perClassIou).filter(value -> !Double.isNaN(value)).count();
    }

    @Override
    public String toString() {
        return "SegmentationMetrics[pixelAccuracy=" + pixelAccuracy + ", meanAccuracy=" + meanAccuracy + ", miou="
                + miou + ", weightedIou=" + weightedIou + ", perClassIou=" + Arrays.toString(perClassIou) + "]";
    }
}
