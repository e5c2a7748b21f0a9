package io.maskstream.trainer.block.loss;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How badly a head that agrees with the annotations could err on other images.
 *
 * <p>Chen et al., "Debiased Self-Training for Semi-Supervised Learning", NeurIPS 2022, eq. 7, per pixel. A head that makes these terms
 * smaller is as wrong as it can be about the pseudo-labels; behind a gradient reversal the features learn to leave it no room.
 */
public final class WorstCase {
    private static final double OFFSET = 1e-6; // keeps the logarithm finite, as in the authors' code

    private WorstCase() {}

    /** Returns {@code -log(1 - p[hard])}: small where the label is thought improbable; at most {@code -log 1e-6}. */
    public static LossTerm disagreement(Reduction reduction) {
        return LossTerm.ofScores("disagreement over " + reduction, (logits, target) -> {
            Tensor classes = target.hard().clamp_max(new Scalar(logits.size(1) - 1)); // 255 has weight 0
            Tensor rest = torch.ones_like(target.confidence())
                    .sub(logits.softmax(1).gather(1, classes.unsqueeze(1)).squeeze(1)); // [N, H, W]
            Tensor losses = rest.add(new Scalar(OFFSET))
                    .clamp_max(new Scalar(1.0))
                    .log()
                    .neg();
            return reduction.reduce(losses, target);
        });
    }

    /**
     * The coefficient of the gradient reversal, {@code 2 h / (1 + exp(-i / N)) - h}: 0 at first, near {@code h} after some {@code N}.
     *
     * @param highest the limit {@code h}
     * @param share {@code N}, as a share of the training; the clock goes on over rounds
     */
    public static Schedule reversal(double highest, double share) {
        return Schedule.named(
                "0 to " + highest + " as a sigmoid, a unit of which is " + share + " of the stage",
                progress -> 2 * highest / (1 + Math.exp(-progress.age() / share)) - highest);
    }
}
