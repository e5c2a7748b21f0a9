package io.maskstream.trainer.block.label;

import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Refinement;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Weighs pixels by how certain the giver is of them among those of the same picture: fully from a certainty on, and below it the less the
 * less certain.
 *
 * <p>Zhang et al., ACCV 2022: with entropy u, {@code v = 1 - (u - min u) / (max u - min u)} per picture, and the weight is 1 where v is at
 * least 0.5, else 2 v. A picture of one entropy counts fully. Departure: padding has no part in the extremes.
 *
 * @param sure the certainty v from which a pixel counts fully, above 0
 */
public record EntropyRank(double sure) implements Refinement {
    private static final double TINY = 1e-12;

    @Override
    public PseudoLabel refine(PseudoLabel label, Progress progress) {
        Tensor probabilities = label.probabilities()
                .orElseThrow(() -> new IllegalArgumentException(
                        "the entropy needs soft labels; " + label.source() + " gave hard ones only"));
        Tensor entropy = probabilities
                .mul(probabilities.clamp_min(new Scalar(TINY)).log())
                .sum(new long[] {1}, false, null)
                .neg(); // [N, H, W]
        return label.weighted(weights(entropy, label.valid()));
    }

    /** Returns the weights {@code [N, H, W]} of entropies of the same shape. */
    Tensor weights(Tensor entropy, Tensor valid) {
        Tensor hidden = valid.logical_not();
        Scalar infinite = new Scalar(Float.POSITIVE_INFINITY);
        Tensor least = entropy.masked_fill(hidden, infinite).amin(new long[] {1, 2}, true); // [N, 1, 1]
        Tensor most =
                entropy.masked_fill(hidden, new Scalar(Float.NEGATIVE_INFINITY)).amax(new long[] {1, 2}, true);
        Tensor spread = most.sub(least).clamp_min(new Scalar(TINY));
        Tensor certainty = torch.ones_like(entropy)
                .sub(entropy.sub(least).div(spread))
                .clamp_min(new Scalar(0.0))
                .clamp_max(new Scalar(1.0));
        Tensor below = certainty.div(new Scalar(sure)).clamp_max(new Scalar(1.0));
        return torch.where(certainty.ge(new Scalar(sure)), torch.ones_like(below), below);
    }
}
