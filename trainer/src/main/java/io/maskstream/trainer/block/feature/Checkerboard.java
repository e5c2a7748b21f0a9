package io.maskstream.trainer.block.feature;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.network.Taps;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Shows a decoder two pictures at once: the features of each picture of a batch and of the next, woven together as the fields of a
 * checkerboard. One head then finds the first picture in them, another the second.
 *
 * <p>Zhang et al., "Semi-supervised Semantic Segmentation with Uncertainty-guided Self Cross Supervision", ACCV 2022. All that the decoder
 * reads is woven, the deepest features and those beside them. In some steps nothing is woven, and both heads see the one picture.
 *
 * @param chance that a step weaves
 * @param seed of which steps those are
 */
public record Checkerboard(double chance, long seed) {

    /** Weaves in the steps that weave. */
    public Perturbation weaving() {
        return Perturbation.named(this + " on " + Taps.ENCODER + " and " + Taps.SKIPS, pass -> {
            if (!weaves(pass.progress())) {
                return Taps.NONE;
            }
            return new Taps(
                    Set.of(),
                    Map.of(
                            Taps.ENCODER, features -> woven(features, next(features)),
                            Taps.SKIPS, features -> woven(features, next(features))));
        });
    }

    /** Returns a term of class scores against the label of the second picture, which is the first where nothing is woven. */
    public LossTerm ofTheSecond(LossTerm term) {
        return LossTerm.named(
                term + " against the second picture",
                lesson -> term.loss(
                        lesson.learner(), weaves(lesson.progress()) ? next(lesson.target()) : lesson.target()));
    }

    /** Says whether the step weaves; the same for all who ask. */
    boolean weaves(Progress progress) {
        return new SplittableRandom(seed + 0x9e3779b97f4a7c15L * progress.taken()).nextDouble() < chance;
    }

    /** Returns {@code a} on the fields whose row and column have an odd sum, and {@code b} on the others. */
    static Tensor woven(Tensor a, Tensor b) {
        long rank = a.dim();
        Tensor rows = torch.arange(new Scalar(a.size(rank - 2)))
                .unsqueeze(1)
                .add(torch.arange(new Scalar(a.size(rank - 1))).unsqueeze(0));
        Tensor odd = rows.remainder(new Scalar(2)).eq(new Scalar(1)).to(a.device(), torch.ScalarType.Bool);
        return torch.where(odd, a, b);
    }

    private static Tensor next(Tensor batch) {
        return batch.roll(new long[] {-1}, 0);
    }

    private static PseudoLabel next(PseudoLabel label) {
        @Nullable Tensor soft = label.soft();
        return new PseudoLabel(
                next(label.hard()),
                next(label.confidence()),
                soft == null ? null : next(soft),
                next(label.weight()),
                next(label.valid()),
                label.source());
    }

    @Override
    public String toString() {
        return "checkerboard with the next picture, chance " + chance;
    }
}
