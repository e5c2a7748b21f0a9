package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Poolings over two spatial dimensions, and over all of them. */
final class Pooling {
    private Pooling() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("MaxPool", Pooling::maximum),
                Operator.of("AveragePool", Pooling::average),
                Operator.of(
                        "GlobalAveragePool",
                        node -> Operation.of(in -> in.get(0).mean(spatial(in.get(0)), true, none()))),
                Operator.of(
                        "GlobalMaxPool", node -> Operation.of(in -> torch.amax(in.get(0), spatial(in.get(0)), true))));
    }

    private static org.bytedeco.pytorch.ScalarTypeOptional none() {
        return new org.bytedeco.pytorch.ScalarTypeOptional();
    }

    private static long[] spatial(Tensor input) {
        long[] axes = new long[(int) input.dim() - 2];
        Arrays.setAll(axes, d -> d + 2);
        return axes;
    }

    private static long[] kernel(GraphNode node) {
        long[] kernel = node.integersOrNull("kernel_shape");
        if (kernel == null || kernel.length != 2) {
            throw node.unsupported("a kernel_shape of other than 2 dimensions");
        }
        return kernel;
    }

    private static Operation maximum(GraphNode node) {
        long[] kernel = kernel(node);
        Windows windows = new Windows(node);
        boolean ceil = node.flag("ceil_mode", false);
        node.ignore("storage_order"); // of the indices
        if (node.gives(1)) {
            throw node.unsupported("an output of indices");
        }
        return Operation.of(in -> {
            Tensor input = in.get(0);
            long[] pads = windows.pads(input, kernel);
            boolean direct = Windows.isSymmetric(pads) && 2 * pads[0] <= kernel[0] && 2 * pads[1] <= kernel[1];
            return torch.max_pool2d(
                    direct ? input : Windows.padded(input, pads, Double.NEGATIVE_INFINITY),
                    kernel,
                    windows.strides(2),
                    direct ? Windows.begins(pads) : new long[2],
                    windows.dilations(2),
                    ceil);
        });
    }

    private static Operation average(GraphNode node) {
        long[] kernel = kernel(node);
        Windows windows = new Windows(node);
        boolean ceil = node.flag("ceil_mode", false);
        boolean countPadding = node.flag("count_include_pad", false);
        if (Arrays.stream(windows.dilations(2)).anyMatch(d -> d != 1)) {
            throw node.unsupported("dilations");
        }
        return Operation.of(in -> {
            Tensor input = in.get(0);
            long[] pads = windows.pads(input, kernel);
            boolean direct = Windows.isSymmetric(pads) && 2 * pads[0] <= kernel[0] && 2 * pads[1] <= kernel[1];
            if (direct) {
                return averaged(input, kernel, windows, Windows.begins(pads), ceil, countPadding);
            }
            Tensor mean = averaged(Windows.padded(input, pads, 0), kernel, windows, new long[2], ceil, true);
            if (countPadding) {
                return mean;
            }
            Tensor inside = Windows.padded(torch.ones_like(input), pads, 0);
            return mean.div(
                    averaged(inside, kernel, windows, new long[2], ceil, true).clamp_min(new Scalar(1e-12)));
        });
    }

    private static Tensor averaged(
            Tensor input, long[] kernel, Windows windows, long[] pads, boolean ceil, boolean countPadding) {
        return torch.avg_pool2d(input, kernel, windows.strides(2), pads, ceil, countPadding, new LongOptional());
    }
}
