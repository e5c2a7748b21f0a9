package io.maskstream.trainer.block;

import io.maskstream.trainer.network.Outputs;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;

/** Turns what one or more label givers say of the same images into one label. Runs without gradient. */
@FunctionalInterface
public interface Labeler {

    /**
     * Labels a batch.
     *
     * @param givers outputs in the order in which the recipe names the givers; at least one
     */
    PseudoLabel label(List<Outputs> givers, LabelSource source, Progress progress);

    /**
     * Labels a batch of which not every pixel is shown; what a giver says of padding is no evidence for anything.
     *
     * @param valid {@code [N, H, W]} bool, false where the input shows padding
     */
    default PseudoLabel labelShown(List<Outputs> givers, Tensor valid, LabelSource source, Progress progress) {
        return label(givers, source, progress);
    }

    /**
     * Takes the most probable class of the only giver and keeps its probabilities; a tie goes to the lower class.
     *
     * @throws IllegalArgumentException if there is more than one giver
     */
    static Labeler argmax() {
        return named("most probable class", (givers, source, progress) -> {
            if (givers.size() != 1) {
                throw new IllegalArgumentException("argmax takes 1 label giver, found " + givers.size());
            }
            return mostProbable(givers.get(0).logits().softmax(1), source);
        });
    }

    /** Takes the most probable class of a branch of the only giver. */
    static Labeler argmax(String branch) {
        return named(
                "most probable class of " + branch,
                (givers, source, progress) ->
                        mostProbable(givers.get(0).logits(branch).softmax(1), source));
    }

    /** Takes the most probable class of the mean of the givers' probabilities. */
    static Labeler meanProbability() {
        return named("most probable class of the mean probability", (givers, source, progress) -> {
            Tensor sum = givers.get(0).logits().softmax(1);
            for (Outputs giver : givers.subList(1, givers.size())) {
                sum = sum.add(giver.logits().softmax(1));
            }
            return mostProbable(sum.div(new org.bytedeco.pytorch.Scalar((double) givers.size())), source);
        });
    }

    /** Takes the most probable class of the mean of the givers' class scores: of the geometric mean of their probabilities. */
    static Labeler meanLogits() {
        return named("most probable class of the mean score", (givers, source, progress) -> {
            Tensor sum = givers.get(0).logits();
            for (Outputs giver : givers.subList(1, givers.size())) {
                sum = sum.add(giver.logits());
            }
            return mostProbable(
                    sum.div(new org.bytedeco.pytorch.Scalar((double) givers.size()))
                            .softmax(1),
                    source);
        });
    }

    /** Returns the label of probabilities {@code [N, C, H, W]}. */
    static PseudoLabel mostProbable(Tensor probabilities, LabelSource source) {
        Tensor soft = probabilities.detach();
        Tensor hard = soft.argmax(new LongOptional(1), false); // [N, H, W]
        T_TensorTensor_T most = soft.max(1);
        return PseudoLabel.of(hard, most.get0(), soft, source);
    }

    /** Gives a labeler a text, which is how it prints. */
    static Labeler named(String text, Labeler labeler) {
        record Named(String text, Labeler labeler) implements Labeler {
            @Override
            public PseudoLabel label(List<Outputs> givers, LabelSource source, Progress progress) {
                return labeler.label(givers, source, progress);
            }

            @Override
            public PseudoLabel labelShown(List<Outputs> givers, Tensor valid, LabelSource source, Progress progress) {
                return labeler.labelShown(givers, valid, source, progress);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, labeler);
    }
}
