package io.maskstream.trainer.bench;

import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.run.TrainReport;
import java.util.ArrayList;
import java.util.List;

/**
 * One training of a bench, finished; its components are the keys of its file.
 *
 * @param variant the method and its options, as {@link MethodVariant} writes it
 * @param labels how many masks could be used, as it was asked for
 * @param seed of weights, order, augmentation and label choice
 * @param setting digest of all that the runs of a bench share
 * @param recipe digest of the method's recipe in words
 * @param labelled masks learned from
 * @param unlabelled images learned from without their mask
 * @param stepMillis time of a step
 * @param trainSeconds wall time of the steps
 * @param peakRssMiB most memory the process held while it trained
 * @param loss whether it fell
 * @param validation the exported model on the {@code val} split
 * @param classes names, in order
 * @param matrices of each validation image: the confusion matrix, row by row
 * @param taught how right the pseudo-labels were, by objective
 */
public record MethodRun(
        String variant,
        String labels,
        long seed,
        String setting,
        String recipe,
        int labelled,
        int unlabelled,
        TrainReport.StepMillis stepMillis,
        double trainSeconds,
        double peakRssMiB,
        TrainReport.Loss loss,
        EvaluationReport validation,
        List<String> classes,
        List<List<Long>> matrices,
        List<LabelCurve> taught) {
    public MethodRun {
        classes = List.copyOf(classes);
        matrices = List.copyOf(matrices);
        taught = List.copyOf(taught);
    }

    static List<List<Long>> flat(List<ConfusionMatrix> perImage) {
        List<List<Long>> flat = new ArrayList<>();
        for (ConfusionMatrix matrix : perImage) {
            List<Long> counts = new ArrayList<>();
            for (long[] row : matrix.counts()) {
                for (long count : row) {
                    counts.add(count);
                }
            }
            flat.add(counts);
        }
        return flat;
    }

    /** Returns the confusion matrix of each validation image. */
    public List<ConfusionMatrix> perImage() {
        int side = classes.size();
        List<ConfusionMatrix> perImage = new ArrayList<>();
        for (List<Long> counts : matrices) {
            long[][] square = new long[side][side];
            for (int i = 0; i < side * side; i++) {
                square[i / side][i % side] = counts.get(i);
            }
            perImage.add(ConfusionMatrix.ofCounts(square));
        }
        return perImage;
    }

    /** Returns what all objectives taught together in each window; nothing where no pseudo-label was taught. */
    public List<LabelCurve.Window> taughtTogether() {
        List<LabelCurve.Window> together = new ArrayList<>();
        for (LabelCurve curve : taught) {
            for (int i = 0; i < curve.windows().size(); i++) {
                LabelCurve.Window window = curve.windows().get(i);
                if (i < together.size()) {
                    together.set(i, together.get(i).plus(window));
                } else {
                    together.add(window);
                }
            }
        }
        return together;
    }
}
