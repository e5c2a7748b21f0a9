package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Reductions over axes; the axes are an attribute or, in newer operator sets, an input. */
final class Reductions {
    private Reductions() {}

    static List<Operator> all() {
        return List.of(
                Operator.of(
                        "ReduceMean", over((value, axes, keep) -> value.mean(axes, keep, new ScalarTypeOptional()))),
                Operator.of("ReduceSum", over((value, axes, keep) -> value.sum(axes, keep, new ScalarTypeOptional()))),
                Operator.of("ReduceMax", over(torch::amax)),
                Operator.of("ReduceMin", over(torch::amin)),
                Operator.of("ReduceL2", over((value, axes, keep) -> value.mul(value)
                        .sum(axes, keep, new ScalarTypeOptional())
                        .sqrt())),
                Operator.of("ArgMax", Reductions::argMax));
    }

    /** A reduction over some axes, all counted from the front. */
    private interface Reduction {
        Tensor apply(Tensor value, long[] axes, boolean keepDimensions);
    }

    private static OperationFactory over(Reduction reduction) {
        return node -> {
            boolean keep = node.flag("keepdims", true);
            boolean nothing = node.flag("noop_with_empty_axes", false);
            long @Nullable [] fixed = node.integersOrNull("axes");
            return Operation.of(in -> {
                Tensor value = in.get(0);
                long[] axes = fixed != null ? fixed : in.integersOrNone(1);
                if (axes.length == 0) {
                    if (nothing) {
                        return new Tensor(value);
                    }
                    axes = new long[(int) value.dim()];
                    Arrays.setAll(axes, d -> d);
                }
                return reduction.apply(value, axes, keep);
            });
        };
    }

    private static Operation argMax(GraphNode node) {
        long axis = node.integer("axis", 0);
        boolean keep = node.flag("keepdims", true);
        if (node.flag("select_last_index", false)) {
            throw node.unsupported("select_last_index");
        }
        return Operation.of(in -> torch.argmax(in.get(0), new LongOptional(axis), keep));
    }
}
