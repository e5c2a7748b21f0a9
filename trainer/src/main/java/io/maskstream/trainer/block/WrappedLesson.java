package io.maskstream.trainer.block;

import io.maskstream.trainer.network.Outputs;
import org.bytedeco.pytorch.Tensor;

/** A lesson that is another one but for what is overridden. */
public class WrappedLesson implements Lesson {
    private final Lesson whole;

    /** Wraps a lesson. */
    public WrappedLesson(Lesson whole) {
        this.whole = whole;
    }

    @Override
    public Outputs learner() {
        return whole.learner();
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
        return whole.also(input, target);
    }

    @Override
    public Tensor carried(Tensor map) {
        return whole.carried(map);
    }
}
