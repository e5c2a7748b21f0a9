package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Convolution and its transpose, with groups, dilations and every padding of ONNX. */
final class Convolutions {
    private Convolutions() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("Conv", Convolutions::convolution).noting("1 to 3 dimensions"),
                Operator.of("ConvTranspose", Convolutions::transposed).noting("1 to 3 dimensions"));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__Conv.html">Conv</a>. */
    private static Operation convolution(GraphNode node) {
        Windows windows = new Windows(node);
        long groups = node.integer("group", 1);
        node.ignore("kernel_shape"); // the weight has it
        return Operation.of(in -> {
            Tensor input = in.get(0); // [N, C, spatial...]
            Tensor weight = in.get(1); // [M, C / groups, kernel...]
            long[] kernel = kernel(weight);
            long[] pads = windows.pads(input, kernel);
            int dimensions = kernel.length;
            boolean symmetric = Windows.isSymmetric(pads);
            return torch.convolution(
                    symmetric ? input : Windows.padded(input, pads, 0),
                    weight,
                    in.optional(2),
                    windows.strides(dimensions),
                    symmetric ? Windows.begins(pads) : new long[dimensions],
                    windows.dilations(dimensions),
                    false,
                    new long[dimensions],
                    groups);
        });
    }

    /**
     * <a href="https://onnx.ai/onnx/operators/onnx__ConvTranspose.html">ConvTranspose</a>.
     *
     * <p>Where ONNX cuts the two ends of an axis differently, the output is made without padding and cut after.
     */
    private static Operation transposed(GraphNode node) {
        Windows windows = new Windows(node);
        long groups = node.integer("group", 1);
        node.ignore("kernel_shape"); // the weight has it
        long @Nullable [] extra = node.integersOrNull("output_padding");
        long @Nullable [] wanted = node.integersOrNull("output_shape");
        return Operation.of(in -> {
            Tensor input = in.get(0);
            Tensor weight = in.get(1); // [C, M / groups, kernel...]
            long[] kernel = kernel(weight);
            int dimensions = kernel.length;
            long[] added = extra == null ? new long[dimensions] : extra;
            long[] full = full(input, kernel, windows, added);
            long[] cuts = wanted == null && !windows.isSame()
                    ? windows.pads(input, kernel)
                    : cuts(node, full, sizes(input, windows, wanted, dimensions), windows.isLargerAtTheEnd());
            boolean direct = Windows.isSymmetric(cuts);
            Tensor output = torch.convolution(
                    input,
                    weight,
                    in.optional(2),
                    windows.strides(dimensions),
                    direct ? Windows.begins(cuts) : new long[dimensions],
                    windows.dilations(dimensions),
                    true,
                    added,
                    groups);
            for (int d = 0; d < dimensions && !direct; d++) {
                output = output.narrow(d + 2, cuts[d], full[d] - cuts[d] - cuts[d + dimensions]);
            }
            return output;
        });
    }

    /** Returns the sizes of the output before anything is cut. */
    private static long[] full(Tensor input, long[] kernel, Windows windows, long[] added) {
        int dimensions = kernel.length;
        long[] steps = windows.strides(dimensions);
        long[] spread = windows.dilations(dimensions);
        long[] full = new long[dimensions];
        Arrays.setAll(full, d -> steps[d] * (input.size(d + 2) - 1) + added[d] + (kernel[d] - 1) * spread[d] + 1);
        return full;
    }

    /** Returns the sizes that are asked for, by themselves or by a rule that keeps input times stride. */
    private static long[] sizes(Tensor input, Windows windows, long @Nullable [] wanted, int dimensions) {
        if (wanted != null) {
            return Arrays.copyOfRange(wanted, wanted.length - dimensions, wanted.length);
        }
        long[] steps = windows.strides(dimensions);
        long[] sizes = new long[dimensions];
        Arrays.setAll(sizes, d -> input.size(d + 2) * steps[d]);
        return sizes;
    }

    /** Returns what is cut off, begins then ends; where the rule asks for more than there is, nothing. */
    private static long[] cuts(GraphNode node, long[] full, long[] sizes, boolean largerAtTheEnd) {
        int dimensions = full.length;
        long[] cuts = new long[2 * dimensions];
        for (int d = 0; d < dimensions; d++) {
            if (sizes[d] > full[d] && node.has("output_shape")) {
                throw node.unsupported("the output_shape " + Arrays.toString(sizes) + ", which is more than the "
                        + Arrays.toString(full) + " there are");
            }
            long total = Math.max(0, full[d] - sizes[d]);
            cuts[d] = largerAtTheEnd ? total / 2 : total - total / 2;
            cuts[d + dimensions] = total - cuts[d];
        }
        return cuts;
    }

    private static long[] kernel(Tensor weight) {
        long[] shape = Inputs.shape(weight);
        return Arrays.copyOfRange(shape, 2, shape.length);
    }
}
