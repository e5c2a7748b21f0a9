package io.maskstream.trainer.network.operator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Operators that move values without changing them. */
final class Shaping {
    private Shaping() {}

    static List<Operator> all() {
        List<Operator> rows = new ArrayList<>();
        rows.add(Operator.of("Reshape", Shaping::reshape));
        rows.add(Operator.of("Flatten", Shaping::flatten));
        rows.add(Operator.of("Transpose", Shaping::transpose));
        rows.add(Operator.of("Squeeze", Shaping::squeeze));
        rows.add(Operator.of("Unsqueeze", Shaping::unsqueeze));
        rows.add(Operator.of("Concat", Shaping::concat));
        rows.add(Operator.of("Split", Shaping::split));
        rows.add(Operator.of("Slice", Shaping::slice));
        rows.add(Operator.of("Gather", Shaping::gather));
        rows.add(Operator.of("Expand", Shaping::expand));
        rows.add(Operator.of("Tile", node -> Operation.of(in -> in.get(0).repeat(in.integers(1)))));
        rows.add(Operator.of("Pad", Shaping::pad));
        rows.add(Operator.of("DepthToSpace", Shaping::depthToSpace));
        return rows;
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
            long rows = 1;
            long from = axis < 0 ? axis + shape.length : axis;
            for (int d = 0; d < from; d++) {
                rows *= shape[d];
            }
            return in.get(0).reshape(rows, rows == 0 ? 0 : in.get(0).numel() / rows);
        });
    }

    private static Operation transpose(GraphNode node) {
        long @Nullable [] order = node.integersOrNull("perm");
        return Operation.of(in -> {
            int dimensions = (int) in.get(0).dim();
            long[] reversed = new long[dimensions];
            Arrays.setAll(reversed, d -> dimensions - 1 - d);
            return in.get(0).permute(order == null ? reversed : order);
        });
    }

    private static Operation squeeze(GraphNode node) {
        return Operation.of(
                in -> in.has(1) ? in.get(0).squeeze(in.integers(1)) : in.get(0).squeeze());
    }

    private static Operation unsqueeze(GraphNode node) {
        return Operation.of(in -> {
            Tensor value = in.get(0);
            long[] axes = in.integers(1);
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

    private static Operation concat(GraphNode node) {
        long axis = node.integer("axis", 0);
        return Operation.of(in -> {
            TensorVector parts = new TensorVector(in.size());
            for (int i = 0; i < in.size(); i++) {
                parts.put(i, in.get(i));
            }
            return torch.cat(parts, axis);
        });
    }

    private static Operation split(GraphNode node) {
        long axis = node.integer("axis", 0);
        int parts = node.outputs();
        node.ignore("num_outputs"); // as many as the node names
        return in -> {
            long[] sizes = in.integersOrNone(1);
            if (sizes.length == 0) {
                long whole = in.get(0).size(axis);
                long each = (whole + parts - 1) / parts;
                sizes = new long[parts];
                Arrays.fill(sizes, each);
                sizes[parts - 1] = whole - each * (parts - 1);
            }
            Tensor[] outputs = new Tensor[parts];
            long from = 0;
            for (int i = 0; i < parts; i++) {
                outputs[i] = in.get(0).narrow(axis, from, sizes[i]);
                from += sizes[i];
            }
            return outputs;
        };
    }

    private static Operation slice(GraphNode node) {
        return Operation.of(in -> {
            Tensor value = in.get(0);
            long[] starts = in.integers(1);
            long[] ends = in.integers(2);
            long[] axes = in.integersOrNone(3);
            long[] steps = in.integersOrNone(4);
            for (int i = 0; i < starts.length; i++) {
                long axis = axes.length == 0 ? i : axes[i];
                value = sliced(value, axis, starts[i], ends[i], steps.length == 0 ? 1 : steps[i]);
            }
            return starts.length == 0 ? new Tensor(value) : value;
        });
    }

    /** A step backwards takes the mirrored slice of the mirrored value. */
    private static Tensor sliced(Tensor value, long axis, long start, long end, long step) {
        long size = value.size(axis);
        long from = start < 0 ? start + size : start;
        long to = end < 0 && end > -Long.MAX_VALUE / 2 ? end + size : end;
        if (step < 0) {
            long first = Math.max(-1, Math.min(size - 1, from));
            long last = Math.max(-1, Math.min(size - 1, end < -size ? -1 : to));
            return strided(value.flip(axis), axis, size - 1 - first, size - 1 - last, -step);
        }
        return strided(value, axis, Math.max(0, Math.min(size, from)), Math.max(0, Math.min(size, to)), step);
    }

    private static Tensor strided(Tensor value, long axis, long from, long to, long step) {
        return value.slice(axis, new LongOptional(from), new LongOptional(Math.max(from, to)), step);
    }

    private static Operation gather(GraphNode node) {
        long axis = node.integer("axis", 0);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            long along = axis < 0 ? axis + value.dim() : axis;
            long[] indices = in.integers(1);
            for (int i = 0; i < indices.length; i++) {
                indices[i] = indices[i] < 0 ? indices[i] + value.size(along) : indices[i];
            }
            Tensor at = torch.tensor(indices).to(value.device(), torch.ScalarType.Long);
            long[] before = Inputs.shape(value);
            long[] chosen = Inputs.shape(in.get(1));
            long[] after = new long[before.length - 1 + chosen.length];
            System.arraycopy(before, 0, after, 0, (int) along);
            System.arraycopy(chosen, 0, after, (int) along, chosen.length);
            int rest = before.length - 1 - (int) along;
            System.arraycopy(before, (int) along + 1, after, (int) along + chosen.length, rest);
            return value.index_select(along, at).reshape(after);
        });
    }

    /** Both shapes are broadcast, so the wanted one may be smaller in a place. */
    private static Operation expand(GraphNode node) {
        return Operation.of(in -> {
            long[] wanted = in.integers(1);
            long[] given = Inputs.shape(in.get(0));
            long[] shape = new long[Math.max(wanted.length, given.length)];
            for (int d = 1; d <= shape.length; d++) {
                long one = d <= wanted.length ? wanted[wanted.length - d] : 1;
                long other = d <= given.length ? given[given.length - d] : 1;
                shape[shape.length - d] = one == 1 ? other : one;
            }
            return in.get(0).expand(shape);
        });
    }

    private static Operation pad(GraphNode node) {
        String mode = node.text("mode", "constant");
        return Operation.of(in -> {
            int dimensions = (int) in.get(0).dim();
            long[] given = in.integers(1);
            long[] axes = in.integersOrNone(3);
            long[] pads = new long[2 * dimensions];
            for (int i = 0; i < given.length / 2; i++) {
                int d = axes.length == 0 ? i : Math.floorMod((int) axes[i], dimensions);
                pads[d] = given[i];
                pads[d + dimensions] = given[i + given.length / 2];
            }
            if (mode.equals("constant")) {
                return Windows.padded(in.get(0), pads, in.has(2) ? in.number(2) : 0);
            }
            if (dimensions != 4 || pads[0] + pads[1] + pads[4] + pads[5] != 0) {
                throw node.unsupported("mode " + mode + " over other dimensions than height and width");
            }
            long[] space = {pads[3], pads[7], pads[2], pads[6]};
            if (mode.equals("reflect")) {
                return torch.reflection_pad2d(in.get(0), space);
            }
            if (mode.equals("edge")) {
                return torch.replication_pad2d(in.get(0), space);
            }
            throw node.unsupported("mode " + mode);
        });
    }

    private static Operation depthToSpace(GraphNode node) {
        long block = node.integer("blocksize", 1);
        boolean columnsFirst = node.text("mode", "DCR").equals("CRD");
        return Operation.of(in -> {
            if (columnsFirst) {
                return torch.pixel_shuffle(in.get(0), block);
            }
            long[] s = Inputs.shape(in.get(0));
            return in.get(0)
                    .reshape(s[0], block, block, s[1] / (block * block), s[2], s[3])
                    .permute(0, 3, 4, 1, 5, 2) // [N, c, H, b, W, b]
                    .reshape(s[0], s[1] / (block * block), s[2] * block, s[3] * block);
        });
    }
}
