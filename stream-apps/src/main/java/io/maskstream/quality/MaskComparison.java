package io.maskstream.quality;

import io.maskstream.schemas.event.MeasuredImage;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.schemas.event.Reason;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.mask.MaskFormatException;
import io.maskstream.segmentation.metric.ConfusionMatrix;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One image: what the model said against what a person drew.
 *
 * <p>Which estimate an image counts for follows from why the person was asked. Images drawn by hash whatever the model
 * said (evaluation split, cold start, random arm) are a fair sample of the stream. Audited images are a fair sample of
 * the certain ones, so their errors are the errors of pseudo-labels. Uncertain images were chosen because the model is
 * bad at them: counted, they would make every figure look worse than the stream is, so they count for none.
 */
final class MaskComparison {
    private MaskComparison() {}

    /** Returns the estimate that images labelled for this reason count for; none for those that the model chose. */
    static Optional<QualityArm> armOf(Reason reason) {
        return switch (reason) {
            case EVALUATION, COLD_START, RANDOM_ARM -> Optional.of(QualityArm.RANDOM);
            case AUDIT -> Optional.of(QualityArm.AUDIT);
            case CONFIDENT, UNCERTAIN, UNDECIDED, OVER_BUDGET, NO_CHAMPION, SEED -> Optional.empty();
        };
    }

    /**
     * Counts the pixels of both masks.
     *
     * @param knownClasses classes of the model, 0 if not known; a larger id is refused
     * @return the counts; empty if no pixel has a class in both
     * @throws IllegalArgumentException if a mask cannot be read, their sizes differ, or a class is not the model's
     */
    static Optional<MeasuredImage> measure(
            String imageId,
            String modelVersion,
            QualityArm arm,
            ByteBuffer predictedPng,
            ByteBuffer drawnPng,
            int knownClasses,
            long maxPixels) {
        Mask drawn = read("drawn by a person for image " + imageId, drawnPng, maxPixels);
        Mask predicted = read("predicted by " + modelVersion + " for image " + imageId, predictedPng, maxPixels);
        int classes = 1 + Math.max(largestClass(drawn), largestClass(predicted));
        if (knownClasses > 0 && classes > knownClasses) {
            throw new IllegalArgumentException("a mask of image " + imageId + " has class " + (classes - 1) + ", but "
                    + modelVersion + " knows " + knownClasses + " classes, 0 to " + (knownClasses - 1));
        }
        ConfusionMatrix matrix = ConfusionMatrix.of(Math.max(1, classes), drawn, predicted);
        if (matrix.total() == 0) {
            return Optional.empty();
        }
        return Optional.of(MeasuredImage.newBuilder()
                .setImageId(imageId)
                .setModelVersion(modelVersion)
                .setArm(arm)
                .setClasses(matrix.classes())
                .setCounts(flat(matrix))
                .build());
    }

    /** Returns the matrix of a measured image among so many classes. */
    static ConfusionMatrix matrix(MeasuredImage image, int classes) {
        long[][] counts = new long[classes][classes];
        for (int truth = 0; truth < image.getClasses(); truth++) {
            for (int predicted = 0; predicted < image.getClasses(); predicted++) {
                counts[truth][predicted] = image.getCounts().get(truth * image.getClasses() + predicted);
            }
        }
        return ConfusionMatrix.ofCounts(counts);
    }

    private static List<Long> flat(ConfusionMatrix matrix) {
        List<Long> counts = new ArrayList<>();
        for (long[] row : matrix.counts()) {
            for (long count : row) {
                counts.add(count);
            }
        }
        return counts;
    }

    private static int largestClass(Mask mask) {
        int largest = -1;
        for (int i = 0; i < mask.classes().length(); i++) {
            int id = mask.classes().at(i);
            if (id != Mask.IGNORE) {
                largest = Math.max(largest, id);
            }
        }
        return largest;
    }

    private static Mask read(String what, ByteBuffer png, long maxPixels) {
        ByteBuffer bytes = png.duplicate();
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        try {
            return GreyPng.mask(array, maxPixels);
        } catch (MaskFormatException e) {
            throw new IllegalArgumentException("the mask " + what + " is not usable: " + e.getMessage(), e);
        }
    }
}
