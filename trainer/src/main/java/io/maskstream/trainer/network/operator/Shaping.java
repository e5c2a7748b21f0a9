package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Operators that give values another shape, or join and part them, without changing them. */
final class Shaping {
    private Shaping() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("Reshape", Shaping::reshape).noting("allowzero since 14"),
                Operator.of("Flatten", Shaping::flatten),
                Operator.of("Transpose", Shaping::transpose),
                Operator.of("Squeeze", Shaping::squeeze).noting("axes are an attribute until 12"),
                Operator.of("Unsqueeze", Shaping::unsqueeze).noting("axes are an attribute until 12"),
                Operator.of("Expand", node -> Operation.of(Shaping::expand)),
                Operator.of("Tile", node -> Operation.of(in -> in.get(0).repeat(in.integers(1)))),
                Operator.of("Concat", Shaping::concat),
                Operator.of("Split", Shaping::split).noting("sizes are an attribute until 12; num_outputs since 18"));
    }

    private static Operation reshape(GraphNode node) {
        boolean zeroIsZero = node.flag("allowzero", false);
        return Operation.of(in -> {
            long[] shape = in.integers(1);
            for (int d = 0; d < shape.length && !zeroIsZero; d++) {
                shape[d] = shape[d] == 0 ? in.get(0).size(d) : shape[d];
            }
            return in.get(0).reshape(shape);
        });
    }

    private static Operation flatten(GraphNode node) {
        long axis = node.integer("axis", 1);
        return Operation.of(in -> {
            long[] shape = Inputs.shape(in.get(0));
            long from = axis < 0 ? axis + shape.length : axis;
            return in.get(0).reshape(product(shape, 0, from), product(shape, from, shape.length));
        });
    }

    private static long product(long[] shape, long from, long to) {
        long product = 1;
        for (long d = from; d < to; d++) {
            product *= shape[(int) d];
        }
        return product;
    }

    private static Operation transpose(GraphNode node) {
        long @Nullable [] order = node.integersOrNull("perm");
        return Operation.of(
                in -> in.get(0).permute(order == null ? reversed((int) in.get(0).dim()) : order));
    }

    private static long[] reversed(int dimensions) {
        long[] reversed = new long[dimensions];
        Arrays.setAll(reversed, d -> dimensions - 1 - d);
        return reversed;
    }

    private static Operation squeeze(GraphNode node) {
        long @Nullable [] fixed = node.integersOrNull("axes");
        return Operation.of(in -> {
            if (fixed == null && !in.has(1)) {
                return in.get(0).squeeze();
            }
            return in.get(0).squeeze(fixed == null ? in.integers(1) : fixed);
        });
    }

    /** The axes count in the result, so the foremost goes first. */
    private static Operation unsqueeze(GraphNode node) {
        long @Nullable [] fixed = node.integersOrNull("axes");
        return Operation.of(in -> {
            Tensor value = new Tensor(in.get(0));
            long[] axes = fixed == null ? in.integers(1) : fixed.clone();
            long dimensions = value.dim() + axes.length;
            for (int a = 0; a < axes.length; a++) {
                axes[a] = axes[a] < 0 ? axes[a] + dimensions : axes[a];
            }
            Arrays.sort(axes);
            for (long axis : axes) {
                value = value.unsqueeze(axis);
            }
            return value;
        });
    }

    /** Both shapes are broadcast, so the wanted one may be smaller in a place. */
    private static Tensor expand(Inputs in) {
        long[] wanted = in.integers(1);
        long[] given = Inputs.shape(in.get(0));
        long[] shape = new long[Math.max(wanted.length, given.length)];
        for (int d = 1; d <= shape.length; d++) {
            long one = d <= wanted.length ? wanted[wanted.length - d] : 1;
            long other = d <= given.length ? given[given.length - d] : 1;
            shape[shape.length - d] = one == 1 ? other : one;
        }
        return in.get(0).expand(shape);
    }

    /** If any of the values lies on another device than the processor, all go there. */
    private static Operation concat(GraphNode node) {
        long axis = node.integer("axis", 0);
        return Operation.of(in -> {
            Tensor where = in.get(0);
            for (int i = 1; i < in.size(); i++) {
                where = where.is_cpu() ? in.get(i) : where;
            }
            TensorVector parts = new TensorVector(in.size());
            for (int i = 0; i < in.size(); i++) {
                parts.put(i, Inputs.beside(in.get(i), where));
            }
            return torch.cat(parts, axis);
        });
    }

    /** Parts of equal size where none are given; the last may be smaller. */
    private static Operation split(GraphNode node) {
        long axis = node.integer("axis", 0);
        int parts = (int) node.integer("num_outputs", node.outputs());
        long @Nullable [] fixed = node.integersOrNull("split");
        if (parts != node.outputs()) {
            throw node.unsupported("num_outputs " + parts + " but " + node.outputs() + " outputs");
        }
        return in -> {
            long[] sizes = fixed == null ? in.integersOrNone(1) : fixed;
            if (sizes.length == 0) {
                sizes = even(in.get(0).size(axis), parts);
            }
            TensorVector pieces = in.get(0).split_with_sizes(sizes, axis);
            Tensor[] given = new Tensor[parts];
            Arrays.setAll(given, pieces::get);
            return given;
        };
    }

    private static long[] even(long whole, int parts) {
        long each = (whole + parts - 1) / parts;
        long[] sizes = new long[parts];
        Arrays.fill(sizes, each);
        sizes[parts - 1] = whole - each * (parts - 1);
        return sizes;
    }
}
