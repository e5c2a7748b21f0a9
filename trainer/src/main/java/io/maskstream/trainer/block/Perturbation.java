package io.maskstream.trainer.block;

import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.network.Taps;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Changes features inside a learner's pass: between encoder and decoder, or before one branch alone. */
@FunctionalInterface
public interface Perturbation {
    /** Changes nothing. */
    Perturbation NONE = named("none", pass -> Taps.NONE);

    /** Returns what is changed in a pass. */
    Taps taps(Pass pass);

    /** The pass that is to be perturbed. */
    interface Pass {
        /** Returns what the learner is about to see, {@code [N, 3, H, W]}, normalised. */
        Tensor images();

        /** Returns the network that is about to look, in its mode. */
        SegmentationNetwork learner();

        /** Returns another member's network, in evaluation mode. */
        SegmentationNetwork member(String name);

        /** Returns where the training is. */
        Progress progress();
    }

    /** Gives a perturbation a text, which is how it prints. */
    static Perturbation named(String text, Perturbation perturbation) {
        record Named(String text, Perturbation perturbation) implements Perturbation {
            @Override
            public Taps taps(Pass pass) {
                return perturbation.taps(pass);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, perturbation);
    }

    /**
     * Drops whole channels of some features with a chance, and scales the others up: Tompson et al., CVPR 2015, as UniMatch uses it.
     *
     * @param values names of the features, such as {@link Taps#ENCODER}
     */
    static Perturbation channelDropout(double chance, String... values) {
        return changing(
                "channel dropout " + chance,
                features -> {
                    Tensor drawn =
                            torch.rand(new long[] {features.size(0), features.size(1), 1, 1}, features.options());
                    return features.mul(drawn.ge(new Scalar(chance))
                            .to(torch.ScalarType.Float)
                            .mul(new Scalar(1 / (1 - chance))));
                },
                values);
    }

    /** Lets a branch learn without a gradient into anything it reads. */
    static Perturbation detached(String... branches) {
        return changing("detached", Tensor::detach, entries(branches));
    }

    /**
     * Turns the gradient round on its way from a branch into what it reads, times a coefficient: Ganin and Lempitsky, ICML 2015.
     * Forward nothing changes.
     */
    static Perturbation reversed(Schedule coefficient, String... branches) {
        return named("gradient reversal by " + coefficient + " before " + List.of(branches), pass -> {
            double factor = coefficient.at(pass.progress());
            UnaryOperator<Tensor> reversal =
                    features -> features.detach().mul(new Scalar(1 + factor)).sub(features.mul(new Scalar(factor)));
            return taps(reversal, entries(branches));
        });
    }

    /**
     * Lets a pass teach the features alone: the classifier, which is the network's head, gets no gradient from it. Labels with mistakes
     * are good for features and bad for a classifier (Jin, Wang, Lin, NeurIPS 2022). Those of branches, which are not released, learn, since
     * some are taught by nothing else. Forward nothing changes.
     */
    static Perturbation sparingHead() {
        return named("no gradient to the head", pass -> {
            Set<String> own = new HashSet<>(pass.learner().head());
            own.removeIf(ExtraBranches::isOfAny);
            return Taps.holding(own);
        });
    }

    /** Applies one change to several values. */
    static Perturbation changing(String text, UnaryOperator<Tensor> change, String... values) {
        return named(text + " on " + List.of(values), pass -> taps(change, values));
    }

    /** Returns this perturbation and another; where both change a value, the other comes second. */
    default Perturbation and(Perturbation other) {
        return this == NONE
                ? other
                : named(this + " and " + other, pass -> {
                    Taps first = taps(pass);
                    Taps second = other.taps(pass);
                    Set<String> values = new HashSet<>(first.values());
                    values.addAll(second.values());
                    Map<String, UnaryOperator<Tensor>> changes = new HashMap<>(first.changes());
                    second.changes()
                            .forEach((name, change) -> changes.merge(
                                    name, change, (before, after) -> features -> after.apply(before.apply(features))));
                    Set<String> held = new HashSet<>(first.held());
                    held.addAll(second.held());
                    return new Taps(values, changes, held);
                });
    }

    private static Taps taps(UnaryOperator<Tensor> change, String... values) {
        Map<String, UnaryOperator<Tensor>> changes = new HashMap<>();
        for (String value : values) {
            changes.put(value, change);
        }
        return new Taps(Set.of(), changes);
    }

    private static String[] entries(String... branches) {
        return Arrays.stream(branches)
                .flatMap(branch -> Stream.of(ExtraBranches.entry(branch), ExtraBranches.beside(branch)))
                .toArray(String[]::new);
    }
}
