package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Where the windows of a convolution or a pooling lie: strides, dilations and padding, as ONNX says it.
 *
 * <p>libtorch pads both ends alike; other padding is added to the input before.
 */
final class Windows {
    private final GraphNode node;
    private final String autoPad;
    private final long[] strides; // as long as there are spatial dimensions, or empty for ones
    private final long[] dilations;
    private final long[] pads; // begins, then ends

    Windows(GraphNode node) {
        this.node = node;
        this.autoPad = node.text("auto_pad", "NOTSET");
        this.strides = orEmpty(node.integersOrNull("strides"));
        this.dilations = orEmpty(node.integersOrNull("dilations"));
        this.pads = orEmpty(node.integersOrNull("pads"));
        if (Arrays.stream(pads).anyMatch(pad -> pad < 0)) {
            throw node.unsupported("negative pads " + Arrays.toString(pads));
        }
    }

    private static long[] orEmpty(long @Nullable [] values) {
        return values == null ? new long[0] : values;
    }

    long[] strides(int dimensions) {
        return strides.length == 0 ? ones(dimensions) : strides;
    }

    long[] dilations(int dimensions) {
        return dilations.length == 0 ? ones(dimensions) : dilations;
    }

    String autoPad() {
        return autoPad;
    }

    /** Returns the padding of this input, begins then ends. */
    long[] pads(Tensor input, long[] kernel) {
        int dimensions = kernel.length;
        return switch (autoPad) {
            case "NOTSET" -> pads.length == 0 ? new long[2 * dimensions] : pads;
            case "VALID" -> new long[2 * dimensions];
            case "SAME_UPPER", "SAME_LOWER" -> samePads(input, kernel);
            default -> throw node.unsupported("auto_pad " + autoPad);
        };
    }

    private long[] samePads(Tensor input, long[] kernel) {
        int dimensions = kernel.length;
        long[] steps = strides(dimensions);
        long[] spread = dilations(dimensions);
        long[] same = new long[2 * dimensions];
        for (int d = 0; d < dimensions; d++) {
            long size = input.size(d + 2);
            long out = (size + steps[d] - 1) / steps[d];
            long total = Math.max(0, (out - 1) * steps[d] + (kernel[d] - 1) * spread[d] + 1 - size);
            long small = total / 2;
            same[d] = autoPad.equals("SAME_UPPER") ? small : total - small;
            same[d + dimensions] = total - same[d];
        }
        return same;
    }

    static boolean isSymmetric(long[] pads) {
        int dimensions = pads.length / 2;
        for (int d = 0; d < dimensions; d++) {
            if (pads[d] != pads[d + dimensions]) {
                return false;
            }
        }
        return true;
    }

    /** Pads an input with a value. */
    static Tensor padded(Tensor input, long[] pads, double value) {
        int dimensions = pads.length / 2;
        long[] fromLast = new long[pads.length];
        for (int d = 0; d < dimensions; d++) {
            fromLast[2 * d] = pads[dimensions - 1 - d];
            fromLast[2 * d + 1] = pads[2 * dimensions - 1 - d];
        }
        return torch.constant_pad_nd(input, fromLast, new Scalar(value));
    }

    static long[] begins(long[] pads) {
        return Arrays.copyOf(pads, pads.length / 2);
    }

    static long[] ones(int dimensions) {
        long[] ones = new long[dimensions];
        Arrays.fill(ones, 1);
        return ones;
    }
}
