package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that look values up by index, a negative index counting from the end. */
final class Gathering {
    private Gathering() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("Gather", Gathering::gather),
                Operator.of("GatherElements", Gathering::elements),
                Operator.of("GatherND", Gathering::points),
                Operator.of("OneHot", Gathering::oneHot),
                Operator.of(
                                "NonZero",
                                node -> Operation.of(
                                        in -> torch.nonzero(in.get(0)).t()))
                        .withoutGradient());
    }

    private static Operation gather(GraphNode node) {
        long axis = node.integer("axis", 0);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            Tensor indices = in.get(1);
            int along = (int) (axis < 0 ? axis + value.dim() : axis);
            if (indices.dim() == 0 && indices.is_cpu()) {
                return value.select(along, in.integers(1)[0]);
            }
            Tensor places = counted(indices, value.size(along), value);
            if (indices.dim() == 1) {
                return value.index_select(along, places);
            }
            long[] given = Inputs.shape(value);
            long[] shape = joined(
                    Arrays.copyOf(given, along),
                    Inputs.shape(indices),
                    Arrays.copyOfRange(given, along + 1, given.length));
            return value.index_select(along, places.reshape(-1)).reshape(shape);
        });
    }

    private static Operation elements(GraphNode node) {
        long axis = node.integer("axis", 0);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            return torch.gather(value, axis, counted(in.get(1), value.size(axis), value));
        });
    }

    /** Every point becomes one number in the row of all points, so that one look-up finds them all. */
    private static Operation points(GraphNode node) {
        int batch = (int) node.integer("batch_dims", 0);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            long[] shape = Inputs.shape(value);
            long[] asked = Inputs.shape(in.get(1)); // [batch..., places..., coordinates]
            int coordinates = (int) asked[asked.length - 1];
            long[] rest = Arrays.copyOfRange(shape, batch + coordinates, shape.length);
            long[] space = Arrays.copyOfRange(shape, batch, batch + coordinates);
            long entries = product(Arrays.copyOf(shape, batch));
            Tensor rows = row(in.get(1), space, value).reshape(entries, -1); // [entries, places]
            Tensor firsts = torch.arange(new Scalar(entries)).mul(new Scalar(product(space)));
            Tensor all = rows.add(Inputs.beside(firsts.reshape(-1, 1), rows)).reshape(-1);
            return value.reshape(joined(new long[] {entries * product(space)}, rest))
                    .index_select(0, all)
                    .reshape(joined(Arrays.copyOf(asked, asked.length - 1), rest));
        });
    }

    /** An index outside of {@code [-depth, depth)} has no place and gives "off" alone. */
    private static Operation oneHot(GraphNode node) {
        long axis = node.integer("axis", -1);
        return Operation.of(in -> {
            long depth = (long) in.number(1);
            Tensor values = in.get(2); // off, on
            Tensor indices = counted(in.get(0), depth, values);
            long at = axis < 0 ? axis + indices.dim() + 1 : axis;
            long[] shape = new long[(int) indices.dim() + 1];
            Arrays.fill(shape, 1);
            shape[(int) at] = depth;
            Tensor classes = Inputs.beside(torch.arange(new Scalar(depth)).reshape(shape), values);
            return torch.where(indices.unsqueeze(at).eq(classes), values.select(0, 1), values.select(0, 0));
        });
    }

    /**
     * Returns indices counted from the front, beside the value that they look into.
     *
     * <p>Done by libtorch, since reading them here would stop a device.
     */
    static Tensor counted(Tensor indices, long size, Tensor value) {
        Tensor whole = indices.to(torch.ScalarType.Long);
        Tensor counted = torch.where(whole.lt(new Scalar(0L)), whole.add(new Scalar(size)), whole);
        return counted.dim() == 0 && !value.is_cpu()
                ? counted.to(value.device(), torch.ScalarType.Long)
                : Inputs.beside(counted, value);
    }

    /** Returns, for points {@code [..., coordinates]}, their number in a space walked row by row. */
    static Tensor row(Tensor points, long[] space, Tensor value) {
        Tensor whole = Inputs.beside(points.to(torch.ScalarType.Long), value);
        Tensor sizes = Inputs.beside(torch.tensor(space), whole);
        Tensor steps = Inputs.beside(torch.tensor(steps(space)), whole);
        Tensor counted = torch.where(whole.lt(new Scalar(0L)), whole.add(sizes), whole);
        return counted.mul(steps).sum(-1);
    }

    private static long[] steps(long[] space) {
        long[] steps = new long[space.length];
        long step = 1;
        for (int d = space.length - 1; d >= 0; d--) {
            steps[d] = step;
            step *= space[d];
        }
        return steps;
    }

    static long product(long[] shape) {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    static long[] joined(long[]... parts) {
        return Arrays.stream(parts).flatMapToLong(Arrays::stream).toArray();
    }
}
