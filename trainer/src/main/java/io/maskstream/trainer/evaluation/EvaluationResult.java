package io.maskstream.trainer.evaluation;

import io.maskstream.segmentation.metric.ConfusionMatrix;
import java.util.List;

/**
 * A report, and what a comparison with another model on the same images needs.
 *
 * @param report the figures
 * @param perImage confusion matrix of each image, in the order of the examples
 */
public record EvaluationResult(EvaluationReport report, List<ConfusionMatrix> perImage) {
    public EvaluationResult {
        perImage = List.copyOf(perImage);
    }
}
