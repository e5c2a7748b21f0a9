package io.maskstream.trainer.run;

import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;

/** Is shown what a training teaches on images whose truth is known but not learned from; called on the training's thread. */
@FunctionalInterface
public interface LabelWatch {
    /** Takes no notice. */
    LabelWatch NOBODY = (objective, taught, truth, progress) -> {};

    /** Says whether it wants to be shown this step; asked before anything is made for it. */
    default boolean looksAt(Progress progress) {
        return true;
    }

    /**
     * Called once a step for every objective on images without annotation, if their truth is known. Nothing may be kept of the tensors.
     *
     * @param objective its name
     * @param taught the label as the learner saw it, after refinements and views
     * @param truth people's masks, carried through the same views
     * @param progress where the training is
     */
    void taught(String objective, PseudoLabel taught, PseudoLabel truth, Progress progress);
}
