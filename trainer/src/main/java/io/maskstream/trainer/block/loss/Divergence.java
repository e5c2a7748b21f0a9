package io.maskstream.trainer.block.loss;

import io.maskstream.trainer.block.Lesson;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.network.Outputs;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Kullback-Leibler divergence between probabilities that somebody gave and those of a learner: as a loss, and as doubt. */
public final class Divergence {
    private Divergence() {}

    /**
     * The divergence of the target's probabilities from the learner's, in nats: Zhang et al., "Deep Mutual Learning", CVPR 2018.
     *
     * @throws IllegalArgumentException if the target has no probabilities
     */
    public static LossTerm loss(Reduction reduction) {
        return LossTerm.ofScores(
                "divergence over " + reduction,
                (logits, target) -> reduction.reduce(ofPixels(probabilities(target), logits), target));
    }

    /**
     * Cross-entropy against the hard label, each pixel times {@code exp(-KL(p || q))}: {@code p} is what the target's giver said, and
     * {@code q} what the same branch says of the pictures that the learner sees. A giver that wavers between two views of a pixel teaches
     * it less: UCC, Fan et al., CVPR 2022.
     *
     * <p>The weight carries no gradient. It is 1 where the target has a class without probabilities, all 0.
     *
     * @param learner the branch that learns, or {@link Outputs#LOGITS}
     * @param giver the branch that labelled, or {@link Outputs#LOGITS}
     */
    public static LossTerm steadyCrossEntropy(Reduction reduction, String learner, String giver) {
        return LossTerm.named(
                "cross-entropy of " + learner + " by the steadiness of " + giver + " over " + reduction, lesson -> {
                    PseudoLabel target = lesson.target();
                    Tensor losses = LossTerm.pixelCrossEntropy(scores(lesson.learner(), learner), target.hard());
                    return reduction.reduce(losses.mul(steadiness(lesson, giver)), target);
                });
    }

    private static Tensor steadiness(Lesson lesson, String giver) {
        Tensor now = scores(lesson.learner(), giver).detach();
        return ofPixels(probabilities(lesson.target()), now).neg().exp();
    }

    private static Tensor scores(Outputs outputs, String branch) {
        return branch.equals(Outputs.LOGITS) ? outputs.logits() : outputs.logits(branch);
    }

    private static Tensor probabilities(PseudoLabel target) {
        return target.probabilities()
                .orElseThrow(() -> new IllegalArgumentException(
                        "a divergence needs soft labels; " + target.source() + " gave hard ones only"));
    }

    /** Returns {@code sum_c p_c (ln p_c - ln softmax(logits)_c)}, {@code [N, H, W]}, at least 0. */
    static Tensor ofPixels(Tensor probabilities, Tensor logits) {
        Tensor same = probabilities.xlogy(probabilities);
        return same.sub(probabilities.mul(logits.log_softmax(1)))
                .sum(new long[] {1}, false, null)
                .clamp_min(new Scalar(0.0));
    }
}
