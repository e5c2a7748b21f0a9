package io.maskstream.trainer.block;

import io.maskstream.trainer.network.Outputs;
import org.bytedeco.pytorch.Tensor;

/**
 * A lesson in which nobody else spoke.
 *
 * @param learner what the learner says
 * @param target what it should have said
 */
record PlainLesson(Outputs learner, PseudoLabel target) implements Lesson {
    @Override
    public Progress progress() {
        return new Progress(0, 1, 1);
    }

    @Override
    public Tensor images() {
        throw new IllegalStateException("this lesson has no pictures");
    }

    @Override
    public Outputs beside(String member) {
        throw new IllegalArgumentException("this lesson has no member " + member);
    }

    @Override
    public Outputs fed() {
        throw new IllegalStateException("the learner looked at the picture itself");
    }

    @Override
    public Outputs giver(int index) {
        throw new IllegalStateException("this lesson has no giver " + index);
    }

    @Override
    public Lesson also(String input, String target) {
        throw new IllegalStateException("this lesson has no input " + input);
    }

    @Override
    public Tensor carried(Tensor map) {
        return map;
    }
}
