package io.maskstream.trainer.block;

import io.maskstream.segmentation.mask.Mask;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
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

    /** Weighs each pixel by its confidence. */
    static Refinement byConfidence() {
        return named("each pixel by its confidence", (label, progress) -> label.weighted(label.confidence()));
    }

    /**
     * Weighs all pixels alike, by the share of the valid ones that have at least a confidence: the confidence factor of Mean Teacher for
     * segmentation (French et al., BMVC 2020).
     */
    static Refinement byConfidentShare(Schedule threshold) {
        return named("all by the share with confidence at least " + threshold, (label, progress) -> {
            Tensor valid = label.valid().to(torch.ScalarType.Float);
            Tensor confident = label.confidence().ge(new Scalar(threshold.at(progress)));
            Tensor share = confident
                    .to(torch.ScalarType.Float)
                    .mul(valid)
                    .sum()
                    .div(valid.sum().clamp_min(new Scalar(1.0)));
            return label.weighted(share);
        });
    }

    /**
     * Keeps the most confident part of the labelled pixels of a batch: those above the percentile, which is interpolated in a line.
     *
     * <p>Jin et al., "Gentle Teaching Assistant", NeurIPS 2022, after U2PL (Wang et al., CVPR 2022).
     *
     * @param kept share that is kept, in [0, 1]
     */
    static Refinement mostConfident(double kept) {
        return named("the most confident " + kept, (label, progress) -> {
            Tensor labelled = label.hard().ne(new Scalar(Mask.IGNORE)).logical_and(label.valid());
            Tensor confidences = torch.masked_select(label.confidence(), labelled);
            if (confidences.numel() == 0) {
                return label;
            }
            Tensor limit = torch.quantile(confidences, 1 - kept);
            return label.weighted(label.confidence().gt(limit).to(torch.ScalarType.Float));
        });
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
