package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that cut a part out of a value, or set it into a larger frame. */
final class Slicing {
    private Slicing() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("Slice", node -> Operation.of(Slicing::slice)),
                Operator.of("Pad", Slicing::pad).noting("axes since 18, mode wrap since 19"),
                Operator.of("Trilu", Slicing::triangle).since(14),
                Operator.of("ReverseSequence", Slicing::reverse));
    }

    private static Tensor slice(Inputs in) {
        Tensor value = new Tensor(in.get(0));
        long[] starts = in.integers(1);
        long[] ends = in.integers(2);
        long[] axes = in.integersOrNone(3);
        long[] steps = in.integersOrNone(4);
        for (int i = 0; i < starts.length; i++) {
            long axis = axes.length == 0 ? i : axes[i];
            value = sliced(value, axis, starts[i], ends[i], steps.length == 0 ? 1 : steps[i]);
        }
        return value;
    }

    /** Bounds beyond the ends are moved onto them; a step backwards takes the mirrored slice of the mirrored value. */
    private static Tensor sliced(Tensor value, long axis, long start, long end, long step) {
        long size = value.size(axis);
        long from = start < 0 ? start + size : start;
        long to = end < 0 ? end + size : end;
        if (step < 0) {
            long first = Math.max(0, Math.min(size - 1, from));
            long last = Math.max(-1, Math.min(size - 1, to));
            return strided(value.flip(axis), axis, size - 1 - first, size - 1 - last, -step);
        }
        return strided(value, axis, Math.max(0, Math.min(size, from)), Math.max(0, Math.min(size, to)), step);
    }

    private static Tensor strided(Tensor value, long axis, long from, long to, long step) {
        return step == 1
                ? value.narrow(axis, from, Math.max(0, to - from))
                : value.slice(axis, new LongOptional(from), new LongOptional(Math.max(from, to)), step);
    }

    private static Operation pad(GraphNode node) {
        String mode = node.text("mode", "constant");
        if (!List.of("constant", "reflect", "edge", "wrap").contains(mode)) {
            throw node.unsupported("mode " + mode);
        }
        return Operation.of(in -> {
            Tensor value = in.get(0);
            long[] pads = pads(in, (int) value.dim());
            if (mode.equals("constant")) {
                return Windows.padded(value, pads, in.has(2) ? in.number(2) : 0);
            }
            return framed(value, pads, mode);
        });
    }

    /** Returns the frame of every dimension, begins then ends. */
    private static long[] pads(Inputs in, int dimensions) {
        long[] given = in.integers(1);
        long[] axes = in.integersOrNone(3);
        long[] pads = new long[2 * dimensions];
        for (int i = 0; i < given.length / 2; i++) {
            int d = axes.length == 0 ? i : Math.floorMod((int) axes[i], dimensions);
            pads[d] = given[i];
            pads[d + dimensions] = given[i + given.length / 2];
        }
        return pads;
    }

    /** The frame repeats values of its own axis; where it is negative, it cuts first. libtorch frames images faster. */
    private static Tensor framed(Tensor value, long[] pads, String mode) {
        int dimensions = pads.length / 2;
        boolean grows = Arrays.stream(pads).allMatch(pad -> pad >= 0);
        if (dimensions == 4 && grows && pads[0] + pads[1] + pads[4] + pads[5] == 0 && !mode.equals("wrap")) {
            long[] space = {pads[3], pads[7], pads[2], pads[6]};
            return mode.equals("edge") ? torch.replication_pad2d(value, space) : torch.reflection_pad2d(value, space);
        }
        long[] cuts = Arrays.stream(pads).map(pad -> Math.min(0, pad)).toArray();
        Tensor framed = Windows.padded(value, cuts, 0);
        for (int d = 0; d < dimensions; d++) {
            long before = Math.max(0, pads[d]);
            long after = Math.max(0, pads[d + dimensions]);
            if (before + after > 0) {
                framed = framed.index_select(d, places(framed.size(d), before, after, mode, framed));
            }
        }
        return framed;
    }

    private static Tensor places(long size, long before, long after, String mode, Tensor like) {
        long period = Math.max(1, 2 * (size - 1));
        LongUnaryOperator place =
                switch (mode) {
                    case "edge" -> i -> Math.max(0, Math.min(size - 1, i));
                    case "wrap" -> i -> Math.floorMod(i, size);
                    default -> i -> Math.min(Math.floorMod(i, period), period - Math.floorMod(i, period));
                };
        long[] places = new long[Math.toIntExact(before + size + after)];
        Arrays.setAll(places, i -> place.applyAsLong(i - before));
        return Inputs.beside(torch.tensor(places), like);
    }

    private static Operation triangle(GraphNode node) {
        boolean upper = node.flag("upper", true);
        return Operation.of(in -> {
            long diagonal = in.has(1) ? in.integers(1)[0] : 0;
            return upper ? torch.triu(in.get(0), diagonal) : torch.tril(in.get(0), diagonal);
        });
    }

    /** Each entry of a batch is reversed up to its own length. */
    private static Operation reverse(GraphNode node) {
        int batch = (int) node.integer("batch_axis", 1);
        int time = (int) node.integer("time_axis", 0);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            int steps = Math.toIntExact(value.size(time));
            long[] lengths = in.integers(1);
            long[] from = new long[lengths.length * steps]; // [batch, time]
            Arrays.setAll(from, i -> i % steps < lengths[i / steps] ? lengths[i / steps] - 1 - i % steps : i % steps);
            long[] shape = new long[(int) value.dim()];
            Arrays.fill(shape, 1);
            shape[0] = batch == 0 ? lengths.length : steps;
            shape[1] = batch == 0 ? steps : lengths.length;
            Tensor table = torch.tensor(from).reshape(lengths.length, steps);
            Tensor places = (batch == 0 ? table : table.t()).reshape(shape).expand(Inputs.shape(value));
            return torch.gather(value, time, Inputs.beside(places, value));
        });
    }
}
