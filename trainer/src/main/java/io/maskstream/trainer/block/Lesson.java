package io.maskstream.trainer.block;

import io.maskstream.trainer.network.Outputs;
import org.bytedeco.pytorch.Tensor;

/** What a loss may look at: one pass of a learner, what it should have said, and what others said. */
public interface Lesson {
    /** Returns what the learner says, with gradient. */
    Outputs learner();

    /** Returns the labels of the same images, carried through the same views; without gradient. */
    PseudoLabel target();

    /** Returns where the training is. */
    Progress progress();

    /** Returns the pictures that the learner saw, {@code [N, 3, H, W]}, normalised. */
    Tensor images();

    /**
     * Returns what another member says, in training mode, of the same pictures; without gradient.
     *
     * @throws IllegalArgumentException if the recipe has no such member
     */
    Outputs beside(String member);

    /**
     * Returns what the network said whose outputs fed the learner; without gradient.
     *
     * @throws IllegalStateException if the learner looked at the picture itself
     */
    Outputs fed();

    /**
     * Returns what a giver of the target said, of the pictures on which the target was made; without gradient.
     *
     * @param index of the giver, in the order of the labelling
     * @throws IllegalStateException if the target is the images' own label
     */
    Outputs giver(int index);

    /**
     * Carries a map {@code [N, D, H, W]} from the pictures on which the target was made to those that the learner saw, as pictures are:
     * bilinear, and 0 in padding.
     */
    Tensor carried(Tensor map);

    /**
     * Returns the same learner's lesson on another input in the same step, as it looks here, with gradient; what it says there is the
     * pass that other objectives learn from, if they look the same way.
     *
     * @param target of that input
     */
    Lesson also(String input, String target);

    /** Returns a lesson of outputs and labels alone. */
    static Lesson of(Outputs learner, PseudoLabel target) {
        return new PlainLesson(learner, target);
    }
}
