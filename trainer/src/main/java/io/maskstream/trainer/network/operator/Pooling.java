package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Poolings over windows of one to three dimensions, and over all of them.
 *
 * <p>Where libtorch's pooling has the same padding and the same divisor it is called as it is. Else the input is padded
 * so that exactly the wanted windows lie in it, and means are divided by how many values each window counts, which is a
 * product over the dimensions.
 */
final class Pooling {
    private Pooling() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("MaxPool", Pooling::maximum)
                        .within(0)
                        .noting("1 to 3 dimensions; refuses the output of indices"),
                Operator.of("AveragePool", Pooling::average).noting("1 to 3 dimensions; dilations since 19"),
                Operator.of("LpPool", Pooling::norm).noting("1 to 3 dimensions"),
                Operator.of("GlobalAveragePool", Pooling::globalAverage),
                Operator.of("GlobalMaxPool", Pooling::globalMaximum).within(0),
                Operator.of("GlobalLpPool", Pooling::globalNorm));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html">GlobalAveragePool</a>. */
    private static Operation globalAverage(GraphNode node) {
        return Operation.of(in -> in.get(0).mean(spatial(in.get(0)), true, new ScalarTypeOptional()));
    }

    /**
     * <a href="https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html">GlobalMaxPool</a>; equal maxima share the gradient.
     */
    private static Operation globalMaximum(GraphNode node) {
        return Operation.of(in -> torch.amax(in.get(0), spatial(in.get(0)), true));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__GlobalLpPool.html">GlobalLpPool</a>. */
    private static Operation globalNorm(GraphNode node) {
        Scalar power = new Scalar((double) node.integer("p", 2));
        return Operation.of(
                in -> torch.linalg_vector_norm(in.get(0), power, spatial(in.get(0)), true, new ScalarTypeOptional()));
    }

    private static long[] spatial(Tensor input) {
        long[] axes = new long[(int) input.dim() - 2];
        Arrays.setAll(axes, d -> d + 2);
        return axes;
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__MaxPool.html">MaxPool</a>; of equal values the first gets the gradient. */
    private static Operation maximum(GraphNode node) {
        long[] kernel = Windows.kernel(node);
        Windows windows = new Windows(node);
        node.ignore("storage_order"); // of the indices
        if (node.gives(1)) {
            throw node.unsupported("an output of indices");
        }
        return Operation.of(in -> {
            Tensor input = in.get(0);
            long[] pads = windows.pads(input, kernel);
            if (Windows.isDirect(pads, kernel)) {
                return maximum(input, kernel, windows, Windows.begins(pads), windows.ceil());
            }
            long[] counts = windows.counts(input, kernel, pads);
            Tensor fitted = windows.fitted(input, kernel, pads, counts, Double.NEGATIVE_INFINITY);
            return maximum(fitted, kernel, windows, new long[kernel.length], false);
        });
    }

    private static Tensor maximum(Tensor input, long[] kernel, Windows windows, long[] pads, boolean ceil) {
        int dimensions = kernel.length;
        long[] steps = windows.strides(dimensions);
        long[] spread = windows.dilations(dimensions);
        return switch (dimensions) {
            case 1 -> torch.max_pool1d(input, kernel, steps, pads, spread, ceil);
            case 2 -> torch.max_pool2d(input, kernel, steps, pads, spread, ceil);
            default -> torch.max_pool3d(input, kernel, steps, pads, spread, ceil);
        };
    }

    /**
     * <a href="https://onnx.ai/onnx/operators/onnx__AveragePool.html">AveragePool</a>.
     *
     * <p>With {@code count_include_pad} the padding counts, but not what {@code ceil_mode} adds behind it; ONNX Runtime
     * counts that too up to operator set 18, so it is counted here.
     */
    private static Operation average(GraphNode node) {
        long[] kernel = Windows.kernel(node);
        Windows windows = new Windows(node);
        boolean countPadding = node.flag("count_include_pad", false);
        boolean countAll = countPadding && windows.ceil() && node.opset() < 19;
        return Operation.of(in -> {
            Tensor input = in.get(0);
            long[] pads = windows.pads(input, kernel);
            if (Windows.isDirect(pads, kernel) && !windows.isDilated() && !countAll) {
                return average(input, kernel, windows, Windows.begins(pads), windows.ceil(), countPadding);
            }
            long[] counts = windows.counts(input, kernel, pads);
            Tensor sums = sums(input, kernel, windows, pads, counts);
            if (countAll) {
                return sums.div(new Scalar((double) volume(kernel)));
            }
            for (int d = 0; d < kernel.length; d++) {
                double[] shares = shares(input.size(d + 2), d, kernel, windows, pads, counts[d], countPadding);
                long[] shape = Windows.ones(kernel.length + 2);
                shape[d + 2] = counts[d];
                sums = sums.mul(Reckoned.of(shares, sums).reshape(shape));
            }
            return sums;
        });
    }

    private static Tensor average(
            Tensor input, long[] kernel, Windows windows, long[] pads, boolean ceil, boolean countPadding) {
        long[] steps = windows.strides(kernel.length);
        return switch (kernel.length) {
            case 1 -> torch.avg_pool1d(input, kernel, steps, pads, ceil, countPadding);
            case 2 -> torch.avg_pool2d(input, kernel, steps, pads, ceil, countPadding, new LongOptional());
            default -> torch.avg_pool3d(input, kernel, steps, pads, ceil, countPadding, new LongOptional());
        };
    }

    /** Adds up every window; dilated ones as a convolution with ones, since libtorch's means have no dilation. */
    private static Tensor sums(Tensor input, long[] kernel, Windows windows, long[] pads, long[] counts) {
        int dimensions = kernel.length;
        Tensor fitted = windows.fitted(input, kernel, pads, counts, 0);
        if (!windows.isDilated()) {
            return average(fitted, kernel, windows, new long[dimensions], false, true)
                    .mul(new Scalar((double) volume(kernel)));
        }
        long[] shape = Inputs.shape(fitted);
        long[] planes = shape.clone();
        planes[0] = shape[0] * shape[1];
        planes[1] = 1;
        long[] ones = Windows.ones(dimensions + 2);
        System.arraycopy(kernel, 0, ones, 2, dimensions);
        Tensor sums = torch.convolution(
                fitted.reshape(planes),
                torch.ones(ones, fitted.options()),
                new TensorOptional(),
                windows.strides(dimensions),
                new long[dimensions],
                windows.dilations(dimensions),
                false,
                new long[dimensions],
                1);
        long[] out = Inputs.shape(sums);
        out[0] = shape[0];
        out[1] = shape[1];
        return sums.reshape(out);
    }

    private static long volume(long[] kernel) {
        return Arrays.stream(kernel).reduce(1, Math::multiplyExact);
    }

    /** Returns one over how many values each window counts along a dimension. */
    private static double[] shares(
            long size, int d, long[] kernel, Windows windows, long[] pads, long count, boolean countPadding) {
        long step = windows.strides(kernel.length)[d];
        long spread = windows.dilations(kernel.length)[d];
        long first = countPadding ? -pads[d] : 0;
        long last = countPadding ? size + pads[d + kernel.length] : size;
        double[] shares = new double[Math.toIntExact(count)];
        for (int i = 0; i < shares.length; i++) {
            int counted = 0;
            for (int k = 0; k < kernel[d]; k++) {
                long at = i * step - pads[d] + k * spread;
                counted += at >= first && at < last ? 1 : 0;
            }
            shares[i] = 1.0 / counted;
        }
        return shares;
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__LpPool.html">LpPool</a>: the p-norm of every window. */
    private static Operation norm(GraphNode node) {
        long[] kernel = Windows.kernel(node);
        Windows windows = new Windows(node);
        double power = node.integer("p", 2);
        return Operation.of(in -> {
            Tensor input = in.get(0);
            long[] pads = windows.pads(input, kernel);
            long[] counts = windows.counts(input, kernel, pads);
            Tensor powers = input.abs().pow(new Scalar(power));
            return sums(powers, kernel, windows, pads, counts).pow(new Scalar(1 / power));
        });
    }
}
