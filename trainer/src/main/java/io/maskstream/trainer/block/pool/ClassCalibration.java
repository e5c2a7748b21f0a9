package io.maskstream.trainer.block.pool;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.metric.SegmentationMetrics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How right a network is, class by class, on annotated images that it did not learn: from which confidence its labels may be believed,
 * and which classes it is weak in.
 *
 * <p>Ju et al., "CAFS: Class Adaptive Framework for Semi-Supervised Semantic Segmentation", 2023. The authors ship tables of thresholds
 * and not the rule that made them; the rule here gives tables of the same range and grid.
 */
public final class ClassCalibration {
    private static final double STEP = 0.01;
    private static final double TINY = 1e-9;

    private final double most;
    private final long[][] said; // class, place on the grid
    private final long[][] right;
    private ConfusionMatrix confusion;

    /**
     * @param least first threshold that is tried
     * @param most last one, by steps of 0.01; also the threshold where none will do
     */
    public ClassCalibration(int classes, double least, double most) {
        if (!(least <= most)) {
            throw new IllegalArgumentException("thresholds go up from " + least + ", not to " + most);
        }
        int grid = (int) Math.floor((most - least) / STEP + TINY) + 1;
        this.most = most;
        this.said = new long[classes][grid];
        this.right = new long[classes][grid];
        this.confusion = ConfusionMatrix.empty(classes);
    }

    /** Counts the pixels of an image whose truth is known. */
    public void count(StoredLabel label, Mask truth) {
        confusion = confusion.plus(ConfusionMatrix.of(said.length, truth, label.mask()));
        for (int i = 0; i < label.pixels(); i++) {
            int known = truth.classes().at(i);
            if (known != Mask.IGNORE && label.has(i)) {
                count(label.hard(i), label.confidence(i), known == label.hard(i));
            }
        }
    }

    /** Counts one pixel. */
    void count(int label, double confidence, boolean isRight) {
        for (int place = 0; place < said[label].length; place++) {
            if (confidence >= threshold(label, place) - 0.5 / StoredLabel.UNITS) { // stored confidences are rounded
                said[label][place]++;
                right[label][place] += isRight ? 1 : 0;
            }
        }
    }

    /** Returns a threshold of the grid, whose last is the largest. */
    private double threshold(int label, int place) {
        return most - STEP * (said[label].length - 1 - place);
    }

    /**
     * Returns for each class the smallest threshold above which enough of the labels are right; the largest of the grid where none is
     * enough, or where no label reaches any.
     *
     * @param accuracy share of right labels that is enough
     */
    public List<Double> thresholds(double accuracy) {
        List<Double> thresholds = new ArrayList<>();
        for (int c = 0; c < said.length; c++) {
            double chosen = most;
            for (int place = said[c].length - 1; place >= 0; place--) {
                if (said[c][place] > 0 && right[c][place] >= accuracy * said[c][place]) {
                    chosen = threshold(c, place);
                }
            }
            thresholds.add(chosen);
        }
        return List.copyOf(thresholds);
    }

    /** Returns intersection over union of each class, NaN for one that was neither said nor true. */
    public double[] ious() {
        return SegmentationMetrics.of(confusion).perClassIou();
    }

    /**
     * Returns how often an image with a class is repeated beyond once: {@code ceil(10 (mean - iou))} for classes below the mean.
     *
     * @param ious by class; NaN is not counted
     * @param background a class that neither counts in the mean nor is repeated; -1 is none
     */
    public static int[] copies(double[] ious, int background) {
        double mean = IntStream.range(0, ious.length)
                .filter(c -> c != background && !Double.isNaN(ious[c]))
                .mapToDouble(c -> ious[c])
                .average()
                .orElse(0);
        return IntStream.range(0, ious.length)
                .map(c -> c != background && ious[c] < mean ? (int) Math.ceil(10 * (mean - ious[c])) : 0)
                .toArray();
    }

    /**
     * Returns every image once, and again for each class that it shows and that is repeated.
     *
     * @param masks of the annotated images, in order
     * @param copies by class
     */
    public static List<Integer> repeated(List<Mask> masks, int[] copies) {
        List<Integer> images = new ArrayList<>();
        for (int image = 0; image < masks.size(); image++) {
            Mask mask = masks.get(image);
            Set<Integer> present = new HashSet<>();
            for (int i = 0; i < mask.classes().length(); i++) {
                present.add(mask.classes().at(i));
            }
            int times = 1;
            for (int c = 0; c < copies.length; c++) {
                times += present.contains(c) ? copies[c] : 0;
            }
            for (int i = 0; i < times; i++) {
                images.add(image);
            }
        }
        return images;
    }
}
