package io.maskstream.segmentation.metric;

import java.util.List;
import java.util.random.RandomGenerator;

/** Hits, truths and predictions of every class of every image, flat, so that a resample is a few additions. */
final class ClassTallies {
    private final int classes;
    private final int images;
    private final long[] hits; // [image, class]
    private final long[] either; // [image, class]: truths plus predictions

    ClassTallies(List<ConfusionMatrix> perImage) {
        images = perImage.size();
        classes = perImage.isEmpty() ? 0 : perImage.get(0).classes();
        hits = new long[images * classes];
        either = new long[images * classes];
        for (int i = 0; i < images; i++) {
            ConfusionMatrix matrix = perImage.get(i);
            if (matrix.classes() != classes) {
                throw new IllegalArgumentException(
                        "image " + i + " was measured in " + matrix.classes() + " classes, image 0 in " + classes);
            }
            for (int c = 0; c < classes; c++) {
                hits[i * classes + c] = matrix.hits(c);
                either[i * classes + c] = matrix.truths(c) + matrix.predictions(c);
            }
        }
    }

    int images() {
        return images;
    }

    /** Returns as many images as there are, drawn with replacement. */
    int[] draw(RandomGenerator random) {
        int[] drawn = new int[images];
        for (int i = 0; i < images; i++) {
            drawn[i] = random.nextInt(images);
        }
        return drawn;
    }

    /** Returns every image once. */
    int[] all() {
        int[] all = new int[images];
        for (int i = 0; i < images; i++) {
            all[i] = i;
        }
        return all;
    }

    /** Returns the mean IoU of the sum of some images' matrices. */
    double miou(int[] drawn) {
        double[] iou = new double[classes];
        long[] hit = new long[classes];
        long[] sum = new long[classes];
        for (int image : drawn) {
            for (int c = 0; c < classes; c++) {
                hit[c] += hits[image * classes + c];
                sum[c] += either[image * classes + c];
            }
        }
        for (int c = 0; c < classes; c++) {
            long union = sum[c] - hit[c];
            iou[c] = union == 0 ? Double.NaN : (double) hit[c] / union;
        }
        return SegmentationMetrics.meanOfDefined(iou);
    }
}
