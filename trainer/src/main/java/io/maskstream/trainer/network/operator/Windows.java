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
    private static final int MOST_DIMENSIONS = 3;

    private final String autoPad;
    private final long[] strides; // as long as there are spatial dimensions, or empty for ones
    private final long[] dilations;
    private final long[] pads; // begins, then ends
    private final boolean ceil;

    Windows(GraphNode node) {
        this.autoPad = node.text("auto_pad", "NOTSET");
        this.strides = orEmpty(node.integersOrNull("strides"));
        this.dilations = orEmpty(node.integersOrNull("dilations"));
        this.pads = orEmpty(node.integersOrNull("pads"));
        this.ceil = node.flag("ceil_mode", false);
        if (Arrays.stream(pads).anyMatch(pad -> pad < 0)) {
            throw node.unsupported("negative pads " + Arrays.toString(pads));
        }
        if (!Arrays.asList("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER").contains(autoPad)) {
            throw node.unsupported("auto_pad " + autoPad);
        }
    }

    private static long[] orEmpty(long @Nullable [] values) {
        return values == null ? new long[0] : values;
    }

    /** Returns the kernel that a pooling states. */
    static long[] kernel(GraphNode node) {
        long[] kernel = node.integersOrNull("kernel_shape");
        if (kernel == null || kernel.length < 1 || kernel.length > MOST_DIMENSIONS) {
            throw node.unsupported("a kernel_shape of other than 1 to " + MOST_DIMENSIONS + " dimensions");
        }
        return kernel;
    }

    long[] strides(int dimensions) {
        return strides.length == 0 ? ones(dimensions) : strides;
    }

    long[] dilations(int dimensions) {
        return dilations.length == 0 ? ones(dimensions) : dilations;
    }

    boolean isDilated() {
        return Arrays.stream(dilations).anyMatch(d -> d != 1);
    }

    boolean ceil() {
        return ceil;
    }

    /** Says whether the output is as large as the input over the stride. */
    boolean isSame() {
        return autoPad.startsWith("SAME");
    }

    /** Says whether an odd padding has its larger half at the end. */
    boolean isLargerAtTheEnd() {
        return autoPad.equals("SAME_UPPER");
    }

    /** Returns the padding of this input, begins then ends. */
    long[] pads(Tensor input, long[] kernel) {
        int dimensions = kernel.length;
        if (isSame()) {
            return samePads(input, kernel);
        }
        return autoPad.equals("VALID") || pads.length == 0 ? new long[2 * dimensions] : pads;
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
            same[d] = isLargerAtTheEnd() ? small : total - small;
            same[d + dimensions] = total - same[d];
        }
        return same;
    }

    /**
     * Returns how many windows there are along each dimension.
     *
     * <p>With {@code ceil_mode} the last may reach over the end, but must start before it.
     */
    long[] counts(Tensor input, long[] kernel, long[] padding) {
        int dimensions = kernel.length;
        long[] steps = strides(dimensions);
        long[] spread = dilations(dimensions);
        long[] counts = new long[dimensions];
        for (int d = 0; d < dimensions; d++) {
            long size = input.size(d + 2);
            long room = size + padding[d] + padding[d + dimensions] - (kernel[d] - 1) * spread[d] - 1;
            counts[d] = (ceil ? Math.floorDiv(room + steps[d] - 1, steps[d]) : Math.floorDiv(room, steps[d])) + 1;
            if (ceil && (counts[d] - 1) * steps[d] >= size + padding[d]) {
                counts[d]--;
            }
        }
        return counts;
    }

    /** Returns the input with so much around it that exactly these windows lie in it. */
    Tensor fitted(Tensor input, long[] kernel, long[] padding, long[] counts, double value) {
        int dimensions = kernel.length;
        long[] steps = strides(dimensions);
        long[] spread = dilations(dimensions);
        long[] around = new long[2 * dimensions];
        for (int d = 0; d < dimensions; d++) {
            around[d] = padding[d];
            long length = (counts[d] - 1) * steps[d] + (kernel[d] - 1) * spread[d] + 1;
            around[d + dimensions] = length - input.size(d + 2) - padding[d]; // less than 0 cuts what no window reads
        }
        return padded(input, around, value);
    }

    /** Says whether a pooling of libtorch takes this padding: alike at both ends and at most half a kernel. */
    static boolean isDirect(long[] pads, long[] kernel) {
        for (int d = 0; d < kernel.length; d++) {
            if (2 * pads[d] > kernel[d]) {
                return false;
            }
        }
        return isSymmetric(pads);
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
