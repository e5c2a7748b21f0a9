package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Convolution and its transpose, with groups, dilations and every padding of ONNX. */
final class Convolutions {
    private Convolutions() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("Conv", Convolutions::convolution), Operator.of("ConvTranspose", Convolutions::transposed));
    }

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

    /** The output is made without padding and cut after, since ONNX cuts both ends as it likes. */
    private static Operation transposed(GraphNode node) {
        Windows windows = new Windows(node);
        long groups = node.integer("group", 1);
        node.ignore("kernel_shape"); // the weight has it
        long[] extra = node.integersOrNull("output_padding");
        long[] wanted = node.integersOrNull("output_shape");
        return Operation.of(in -> {
            Tensor input = in.get(0);
            Tensor weight = in.get(1); // [C, M / groups, kernel...]
            long[] kernel = kernel(weight);
            int dimensions = kernel.length;
            long[] steps = windows.strides(dimensions);
            long[] spread = windows.dilations(dimensions);
            long[] added = extra == null ? new long[dimensions] : extra;
            long[] begins = new long[dimensions];
            long[] sizes = new long[dimensions];
            long[] grown = new long[dimensions];
            boolean same = windows.isSame();
            long[] pads = same || wanted != null ? new long[2 * dimensions] : windows.pads(input, kernel);
            for (int d = 0; d < dimensions; d++) {
                long full = steps[d] * (input.size(d + 2) - 1) + added[d] + (kernel[d] - 1) * spread[d] + 1;
                if (same || wanted != null) {
                    long[] shape = wanted == null ? new long[0] : wanted;
                    sizes[d] = shape.length == 0 ? input.size(d + 2) * steps[d] : shape[shape.length - dimensions + d];
                    long total = Math.max(0, full - sizes[d]);
                    begins[d] = windows.isLargerAtTheEnd() ? total / 2 : total - total / 2;
                    grown[d] = Math.max(0, sizes[d] - full);
                } else {
                    begins[d] = pads[d];
                    sizes[d] = full - pads[d] - pads[d + dimensions];
                }
            }
            long[] end = new long[dimensions];
            Arrays.setAll(end, d -> added[d] + grown[d]);
            boolean direct = Windows.isSymmetric(pads) && !same && wanted == null;
            Tensor output = torch.convolution(
                    input,
                    weight,
                    in.optional(2),
                    steps,
                    direct ? begins : new long[dimensions],
                    spread,
                    true,
                    end,
                    groups);
            if (!direct) {
                for (int d = 0; d < dimensions; d++) {
                    output = output.narrow(d + 2, begins[d], sizes[d]);
                }
            }
            return output;
        });
    }

    private static long[] kernel(Tensor weight) {
        long[] shape = Inputs.shape(weight);
        return Arrays.copyOfRange(shape, 2, shape.length);
    }
}
