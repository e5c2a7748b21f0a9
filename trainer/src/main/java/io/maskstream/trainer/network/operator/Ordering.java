package io.maskstream.trainer.network.operator;

import java.util.List;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that go along an axis in order: the place of the extreme value, the first few, running sums. */
final class Ordering {
    private Ordering() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("ArgMax", node -> extreme(node, torch::argmax)).withoutGradient(),
                Operator.of("ArgMin", node -> extreme(node, torch::argmin)).withoutGradient(),
                Operator.of("TopK", Ordering::top).noting("always sorted; of equal values the first comes first"),
                Operator.of("CumSum", Ordering::running));
    }

    /** The place of the extreme value along an axis. */
    private interface Place {
        Tensor of(Tensor value, LongOptional axis, boolean keepDimensions);
    }

    /** The last of equal values is the first when read backwards. */
    private static Operation extreme(GraphNode node, Place place) {
        long axis = node.integer("axis", 0);
        boolean keep = node.flag("keepdims", true);
        boolean last = node.flag("select_last_index", false);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            if (!last) {
                return place.of(value, new LongOptional(axis), keep);
            }
            Tensor fromEnd = place.of(value.flip(axis), new LongOptional(axis), keep);
            return fromEnd.neg().add(new Scalar(value.size(axis) - 1));
        });
    }

    private static Operation top(GraphNode node) {
        long axis = node.integer("axis", -1);
        boolean largest = node.flag("largest", true);
        node.ignore("sorted");
        return in -> {
            T_TensorTensor_T sorted = torch.sort(in.get(0), new BoolOptional(true), axis, largest);
            long count = in.integers(1)[0];
            return new Tensor[] {
                sorted.get0().narrow(axis, 0, count), sorted.get1().narrow(axis, 0, count)
            };
        };
    }

    /** {@code exclusive} leaves each value's own share out: the sums move on by one place and begin with zero. */
    private static Operation running(GraphNode node) {
        boolean exclusive = node.flag("exclusive", false);
        boolean reverse = node.flag("reverse", false);
        return Operation.of(in -> {
            long axis = in.integers(1)[0];
            Tensor value = reverse ? in.get(0).flip(axis) : in.get(0);
            Tensor sums = torch.cumsum(value, axis, new ScalarTypeOptional(value.scalar_type()));
            if (exclusive) {
                long[] pads = new long[(int) (2 * value.dim())];
                int place = (int) (axis < 0 ? axis + value.dim() : axis);
                pads[place] = 1;
                pads[place + (int) value.dim()] = -1;
                sums = Windows.padded(sums, pads, 0);
            }
            return reverse ? sums.flip(axis) : sums;
        });
    }
}
