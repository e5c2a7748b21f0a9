package io.maskstream.trainer.block;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;

/**
 * One step of a chain between label giver and learner.
 *
 * <p>A filter only lowers weights, and sets 255 where nothing is left; an update may change classes. After each, weight is 0
 * exactly where hard is 255.
 */
@FunctionalInterface
public interface Refinement {

    PseudoLabel refine(PseudoLabel label, Progress progress);

    /**
     * Keeps pixels with at least a confidence: Sohn et al., "FixMatch", NeurIPS 2020, eq. 4, per pixel.
     *
     * @param threshold in [0, 1], or above to keep nothing
     */
    static Refinement confidenceAtLeast(Schedule threshold) {
        return named(
                "confidence at least " + threshold,
                (label, progress) -> label.weighted(label.confidence()
                        .ge(new Scalar(threshold.at(progress)))
                        .to(torch.ScalarType.Float)));
    }

    /** Keeps pixels above a confidence, the threshold itself excluded. */
    static Refinement confidenceAbove(Schedule threshold) {
        return named(
                "confidence above " + threshold,
                (label, progress) -> label.weighted(label.confidence()
                        .gt(new Scalar(threshold.at(progress)))
                        .to(torch.ScalarType.Float)));
    }

    /** Gives a refinement a text, which is how it prints. */
    static Refinement named(String text, Refinement refinement) {
        record Named(String text, Refinement refinement) implements Refinement {
            @Override
            public PseudoLabel refine(PseudoLabel label, Progress progress) {
                return refinement.refine(label, progress);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, refinement);
    }
}
