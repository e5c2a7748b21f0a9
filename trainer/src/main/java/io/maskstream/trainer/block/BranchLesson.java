package io.maskstream.trainer.block;

import io.maskstream.trainer.network.Outputs;
import org.bytedeco.pytorch.Tensor;

/**
 * A lesson in which a branch speaks for the learner.
 *
 * @param whole the lesson of the whole network
 * @param branch whose class scores are compared
 */
record BranchLesson(Lesson whole, String branch) implements Lesson {
    @Override
    public Outputs learner() {
        return whole.learner().speaking(branch);
    }

    @Override
    public PseudoLabel target() {
        return whole.target();
    }

    @Override
    public Progress progress() {
        return whole.progress();
    }

    @Override
    public Tensor images() {
        return whole.images();
    }

    @Override
    public Outputs beside(String member) {
        return whole.beside(member);
    }

    @Override
    public Outputs fed() {
        return whole.fed();
    }

    @Override
    public Outputs giver(int index) {
        return whole.giver(index);
    }

    @Override
    public Lesson also(String input, String target) {
        return new BranchLesson(whole.also(input, target), branch);
    }

    @Override
    public Tensor carried(Tensor map) {
        return whole.carried(map);
    }
}
