package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Reductions over axes, all where none are named.
 *
 * <p>The axes are an attribute or, from operator set 18 on ({@code ReduceSum}: 13), an input. The values keep their type,
 * integers too, which libtorch would widen.
 */
final class Reductions {
    private Reductions() {}

    static List<Operator> all() {
        return List.of(
                over("ReduceSum", UnaryOperator.identity(), Reductions::sum),
                over("ReduceMean", UnaryOperator.identity(), Reductions::mean),
                over("ReduceMax", UnaryOperator.identity(), torch::amax),
                over("ReduceMin", UnaryOperator.identity(), torch::amin),
                over("ReduceProd", UnaryOperator.identity(), Reductions::product),
                over("ReduceL1", Tensor::abs, (value, axes, keep) -> sum(value.abs(), axes, keep)),
                over("ReduceL2", Tensor::abs, Reductions::euclidean),
                over("ReduceSumSquare", Tensor::square, (value, axes, keep) -> sum(value.square(), axes, keep)),
                over("ReduceLogSum", Tensor::log, (value, axes, keep) -> sum(value, axes, keep)
                        .log()),
                over("ReduceLogSumExp", UnaryOperator.identity(), torch::logsumexp));
    }

    /** A reduction over some axes, all counted from the front. */
    private interface Reduction {
        Tensor apply(Tensor value, long[] axes, boolean keepDimensions);
    }

    /** {@code alone} is the reduction of a single number, for nodes that name no axes and mean none. */
    private static Operator over(String name, UnaryOperator<Tensor> alone, Reduction reduction) {
        return Operator.of(name, node -> {
            boolean keep = node.flag("keepdims", true);
            boolean none = node.flag("noop_with_empty_axes", false);
            long @Nullable [] fixed = node.integersOrNull("axes");
            return Operation.of(in -> {
                Tensor value = in.get(0);
                long[] axes = fixed != null ? fixed : in.integersOrNone(1);
                if (axes.length == 0 && none) {
                    return alone.apply(new Tensor(value));
                }
                return reduction.apply(value, counted(axes, (int) value.dim()), keep);
            });
        });
    }

    /** Counts from the front; a number without dimensions is reduced as a list of one. */
    private static long[] counted(long[] axes, int dimensions) {
        long[] counted = new long[axes.length == 0 ? Math.max(1, dimensions) : axes.length];
        Arrays.setAll(counted, i -> axes.length == 0 ? i : axes[i] < 0 ? axes[i] + dimensions : axes[i]);
        return counted;
    }

    private static Tensor sum(Tensor value, long[] axes, boolean keep) {
        return value.sum(axes, keep, typeOf(value));
    }

    /** Integers are divided towards zero. */
    private static Tensor mean(Tensor value, long[] axes, boolean keep) {
        if (value.is_floating_point()) {
            return value.mean(axes, keep, new ScalarTypeOptional());
        }
        long count = 1;
        for (long axis : axes) {
            count *= value.dim() == 0 ? 1 : value.size(axis);
        }
        Tensor number = torch.scalar_tensor(new Scalar(count)).to(value.scalar_type());
        return Arithmetic.quotient(sum(value, axes, keep), number);
    }

    /** One axis after the other from the last, so that dropped ones leave the numbers of the rest as they are. */
    private static Tensor product(Tensor value, long[] axes, boolean keep) {
        long[] sorted = axes.clone();
        Arrays.sort(sorted);
        Tensor product = value;
        for (int i = sorted.length - 1; i >= 0; i--) {
            product = torch.prod(product, sorted[i], keep, typeOf(value));
        }
        return product;
    }

    /** By libtorch's norm, whose derivative at zero is zero and not undefined. */
    private static Tensor euclidean(Tensor value, long[] axes, boolean keep) {
        return torch.linalg_vector_norm(value, new Scalar(2.0), axes, keep, new ScalarTypeOptional());
    }

    private static ScalarTypeOptional typeOf(Tensor value) {
        return new ScalarTypeOptional(value.scalar_type());
    }
}
