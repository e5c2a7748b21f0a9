package io.maskstream.segmentation.metric;

import io.maskstream.segmentation.mask.Mask;
import java.util.Arrays;

/**
 * How many pixels of each true class were given which class; matrices of images add up to that of the set.
 *
 * <p>A pixel is counted where neither mask says {@link Mask#IGNORE}: an unlabelled pixel has no truth, and a
 * pseudo-label that abstains has no prediction.
 */
public final class ConfusionMatrix {
    private final int classes;
    private final long[] counts; // [truth, predicted]

    private ConfusionMatrix(int classes, long[] counts) {
        this.classes = classes;
        this.counts = counts;
    }

    /** Returns the matrix of no pixels. */
    public static ConfusionMatrix empty(int classes) {
        if (classes < 1 || classes > Mask.IGNORE) {
            throw new IllegalArgumentException("a confusion matrix has 1 to 255 classes, got " + classes);
        }
        return new ConfusionMatrix(classes, new long[classes * classes]);
    }

    /**
     * Counts one image.
     *
     * @throws IllegalArgumentException if the masks differ in size, or a class is neither below {@code classes} nor
     *     {@link Mask#IGNORE}
     */
    public static ConfusionMatrix of(int classes, Mask truth, Mask predicted) {
        ConfusionMatrix matrix = empty(classes);
        requireSameSize(truth, predicted);
        for (int i = 0; i < truth.classes().length(); i++) {
            int expected = truth.classes().at(i);
            int found = predicted.classes().at(i);
            if (expected == Mask.IGNORE || found == Mask.IGNORE) {
                continue;
            }
            if (expected >= classes || found >= classes) {
                throw new IllegalArgumentException("pixel " + i + " has class " + expected + " in the truth and "
                        + found + " in the prediction, but there are " + classes + " classes");
            }
            matrix.counts[expected * classes + found]++;
        }
        return matrix;
    }

    /**
     * Returns a matrix of given counts.
     *
     * @param counts {@code [truth, predicted]}, square, none negative
     */
    public static ConfusionMatrix ofCounts(long[][] counts) {
        ConfusionMatrix matrix = empty(counts.length);
        for (int truth = 0; truth < counts.length; truth++) {
            if (counts[truth].length != counts.length) {
                throw new IllegalArgumentException("row " + truth + " of a " + counts.length + "-class matrix has "
                        + counts[truth].length + " entries");
            }
            for (int predicted = 0; predicted < counts.length; predicted++) {
                if (counts[truth][predicted] < 0) {
                    throw new IllegalArgumentException("a count is negative: " + counts[truth][predicted]);
                }
                matrix.counts[truth * counts.length + predicted] = counts[truth][predicted];
            }
        }
        return matrix;
    }

    /** Returns the sum of both; the numbers of classes must agree. */
    public ConfusionMatrix plus(ConfusionMatrix other) {
        if (other.classes != classes) {
            throw new IllegalArgumentException(
                    "matrices of " + classes + " and " + other.classes + " classes cannot be added");
        }
        long[] sum = counts.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.counts[i];
        }
        return new ConfusionMatrix(classes, sum);
    }

    /** Returns the number of classes. */
    public int classes() {
        return classes;
    }

    /** Returns the pixels of class {@code truth} that were given class {@code predicted}. */
    public long count(int truth, int predicted) {
        return counts[truth * classes + predicted];
    }

    /** Returns a copy of the counts, {@code [truth, predicted]}. */
    public long[][] counts() {
        long[][] copy = new long[classes][];
        for (int truth = 0; truth < classes; truth++) {
            copy[truth] = Arrays.copyOfRange(counts, truth * classes, (truth + 1) * classes);
        }
        return copy;
    }

    /** Returns the number of counted pixels. */
    public long total() {
        return Arrays.stream(counts).sum();
    }

    /** Returns the pixels that were given their true class. */
    public long hits(int index) {
        return count(index, index);
    }

    /** Returns the pixels whose true class it is. */
    public long truths(int index) {
        long sum = 0;
        for (int predicted = 0; predicted < classes; predicted++) {
            sum += count(index, predicted);
        }
        return sum;
    }

    /** Returns the pixels that were given the class. */
    public long predictions(int index) {
        long sum = 0;
        for (int truth = 0; truth < classes; truth++) {
            sum += count(truth, index);
        }
        return sum;
    }

    static void requireSameSize(Mask truth, Mask predicted) {
        if (truth.height() != predicted.height() || truth.width() != predicted.width()) {
            throw new IllegalArgumentException("the truth has " + truth.height() + "x" + truth.width()
                    + " px, the prediction " + predicted.height() + "x" + predicted.width());
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConfusionMatrix that && classes == that.classes && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return "ConfusionMatrix" + Arrays.deepToString(counts());
    }
}
