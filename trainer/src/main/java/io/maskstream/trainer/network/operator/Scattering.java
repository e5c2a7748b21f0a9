package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that write values to places given by index; the counterpart of {@link Gathering}. */
final class Scattering {
    private static final String REDUCTIONS = "add and mul since 16, min and max since 18";

    private Scattering() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("ScatterElements", Scattering::elements).noting(REDUCTIONS),
                Operator.of("ScatterND", Scattering::points).noting(REDUCTIONS));
    }

    private static Operation elements(GraphNode node) {
        long axis = node.integer("axis", 0);
        String reduction = reduction(node);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            Tensor places = Gathering.counted(in.get(1), value.size(axis), value);
            return written(value, axis, places, Inputs.beside(in.get(2), value), reduction);
        });
    }

    /** The points are numbers in the row of all points; what lies at a point is written as a whole. */
    private static Operation points(GraphNode node) {
        String reduction = reduction(node);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            long[] shape = Inputs.shape(value);
            int coordinates = (int) in.get(1).size(-1);
            long[] space = Arrays.copyOf(shape, coordinates);
            long wide = Gathering.product(Arrays.copyOfRange(shape, coordinates, shape.length));
            Tensor rows = Gathering.row(in.get(1), space, value).reshape(-1, 1); // [places, 1]
            Tensor updates = Inputs.beside(in.get(2), value).reshape(rows.size(0), wide);
            Tensor table = value.reshape(Gathering.product(space), wide);
            return written(table, 0, rows.expand(rows.size(0), wide), updates, reduction)
                    .reshape(shape);
        });
    }

    private static Tensor written(Tensor value, long axis, Tensor places, Tensor updates, String reduction) {
        return reduction.isEmpty()
                ? torch.scatter(value, axis, places, updates)
                : torch.scatter_reduce(value, axis, places, updates, reduction);
    }

    /** Returns libtorch's word for a reduction, nothing for none. */
    private static String reduction(GraphNode node) {
        String reduction = node.text("reduction", "none");
        return switch (reduction) {
            case "none" -> "";
            case "add" -> "sum";
            case "mul" -> "prod";
            case "min" -> "amin";
            case "max" -> "amax";
            default -> throw node.unsupported("reduction " + reduction);
        };
    }
}
