package io.maskstream.segmentation.metric;

import io.maskstream.segmentation.mask.Mask;
import java.util.Arrays;

/**
 * Intersection over union near the contours only, where a coarse mask fails first.
 *
 * <p>Cheng et al., "Boundary IoU: Improving Object-Centric Image Segmentation Evaluation", CVPR 2021: of each class the
 * pixels within {@code d} of its contour are compared, with {@code d} 2 % of the image diagonal; the image border is a
 * contour. Departures, since the paper treats binary masks: classes are summed over the data set and averaged as mean
 * IoU is; both contours are taken from whole masks, in which {@link Mask#IGNORE} is simply not the class, and then
 * unlabelled pixels are dropped.
 */
public final class BoundaryIou {
    private static final double DIAGONAL_SHARE = 0.02;

    private final long[] intersections;
    private final long[] unions;

    private BoundaryIou(int classes) {
        intersections = new long[classes];
        unions = new long[classes];
    }

    /** Returns the figure of no images. */
    public static BoundaryIou empty(int classes) {
        return new BoundaryIou(ConfusionMatrix.empty(classes).classes());
    }

    /** Measures one image, at the distance that its size asks for. */
    public static BoundaryIou of(int classes, Mask truth, Mask predicted) {
        return of(classes, truth, predicted, distance(truth.height(), truth.width()));
    }

    /**
     * Measures one image.
     *
     * @param distance how many pixels from the contour still count, at least 1
     * @throws IllegalArgumentException if the masks differ in size or hold a class that is not below {@code classes}
     */
    public static BoundaryIou of(int classes, Mask truth, Mask predicted, int distance) {
        ConfusionMatrix.requireSameSize(truth, predicted);
        if (distance < 1) {
            throw new IllegalArgumentException("the boundary distance is at least 1 px, got " + distance);
        }
        BoundaryIou result = empty(classes);
        boolean[] inTruth = nearContour(truth, distance);
        boolean[] inPrediction = nearContour(predicted, distance);
        for (int i = 0; i < inTruth.length; i++) {
            int expected = truth.classes().at(i);
            int found = predicted.classes().at(i);
            if (expected == Mask.IGNORE) {
                continue;
            }
            if (expected >= classes || (found >= classes && found != Mask.IGNORE)) {
                throw new IllegalArgumentException("pixel " + i + " has class " + expected + " in the truth and "
                        + found + " in the prediction, but there are " + classes + " classes");
            }
            boolean predictedHere = inPrediction[i] && found != Mask.IGNORE;
            if (inTruth[i]) {
                result.unions[expected]++;
            }
            if (predictedHere && inTruth[i] && found == expected) {
                result.intersections[expected]++;
            } else if (predictedHere) {
                result.unions[found]++;
            }
        }
        return result;
    }

    /** Returns the distance of an image's size: 2 % of its diagonal, rounded, at least 1. */
    public static int distance(int height, int width) {
        return (int) Math.max(1, Math.round(DIAGONAL_SHARE * Math.hypot(height, width)));
    }

    /**
     * Says of each pixel whether the square of {@code distance} around it leaves the image or meets another class.
     * Eroding a class {@code distance} times by 3x3 leaves exactly the other pixels, for all classes at once.
     */
    static boolean[] nearContour(Mask mask, int distance) {
        int height = mask.height();
        int width = mask.width();
        byte[] classes = mask.classes().toArray();
        boolean[] evenRow = new boolean[classes.length]; // the row within distance is of one class
        for (int y = 0; y < height; y++) {
            int start = y * width;
            int from = 0; // first column of the current run
            for (int x = 1; x <= width; x++) {
                if (x == width || classes[start + x] != classes[start + from]) {
                    for (int inner = from + distance; inner < x - distance; inner++) {
                        evenRow[start + inner] = true;
                    }
                    from = x;
                }
            }
        }
        boolean[] near = new boolean[classes.length];
        Arrays.fill(near, true);
        int[] from = new int[width]; // first row of the current run of even rows of one class, by column
        for (int y = 0; y <= height; y++) {
            for (int x = 0; x < width; x++) {
                int here = y * width + x;
                boolean goesOn = y < height
                        && evenRow[here]
                        && (from[x] == y || (evenRow[here - width] && classes[here] == classes[here - width]));
                if (!goesOn) {
                    for (int inner = from[x] + distance; inner < y - distance; inner++) {
                        near[inner * width + x] = false;
                    }
                    from[x] = y < height && evenRow[here] ? y : y + 1;
                }
            }
        }
        return near;
    }

    /** Returns the sum of both; the numbers of classes must agree. */
    public BoundaryIou plus(BoundaryIou other) {
        if (other.unions.length != unions.length) {
            throw new IllegalArgumentException("boundary figures of " + unions.length + " and " + other.unions.length
                    + " classes cannot be added");
        }
        BoundaryIou sum = new BoundaryIou(unions.length);
        for (int c = 0; c < unions.length; c++) {
            sum.intersections[c] = intersections[c] + other.intersections[c];
            sum.unions[c] = unions[c] + other.unions[c];
        }
        return sum;
    }

    /** Returns the boundary IoU of each class; {@code NaN} where neither mask has the class. */
    public double[] perClass() {
        double[] values = new double[unions.length];
        for (int c = 0; c < values.length; c++) {
            values[c] = unions[c] == 0 ? Double.NaN : (double) intersections[c] / unions[c];
        }
        return values;
    }

    /** Returns the mean over the classes that have one; {@code NaN} if none has. */
    public double mean() {
        return SegmentationMetrics.meanOfDefined(perClass());
    }
}
