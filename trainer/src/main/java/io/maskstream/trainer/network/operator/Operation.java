package io.maskstream.trainer.network.operator;

import org.bytedeco.pytorch.Tensor;

/** A node made ready to run: its attributes are read, only tensors are missing. Holds no tensors of its own. */
@FunctionalInterface
public interface Operation {
    /** Returns the node's outputs, one tensor each; never one of the inputs itself, but perhaps a view of it. */
    Tensor[] run(Inputs inputs);

    /** An operation with one output. */
    @FunctionalInterface
    interface Single {
        Tensor run(Inputs inputs);
    }

    /** Makes an operation of one with a single output. */
    static Operation of(Single single) {
        return inputs -> new Tensor[] {single.run(inputs)};
    }
}
