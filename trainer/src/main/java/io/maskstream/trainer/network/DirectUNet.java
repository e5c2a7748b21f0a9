package io.maskstream.trainer.network;

import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The starting U-Net written out in calls of libtorch, as one writes it without a graph: what {@link TrainerBench} holds
 * {@link GraphNetwork} against. It trains the tensors of a network of the same architecture.
 */
final class DirectUNet {
    private static final long[] ONE = {1, 1};
    private static final long[] NONE = {0, 0};
    private static final long[] TWO = {2, 2};

    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> buffers;

    DirectUNet(SegmentationNetwork network) {
        this.parameters = network.parameters();
        this.buffers = network.buffers();
    }

    /** Returns the logits of {@code [N, 3, H, W]}, in training mode. */
    Tensor forward(Tensor images) {
        Tensor full = block(block(images, 0), 1);
        Tensor half = block(block(halved(full), 2), 3);
        Tensor quarter = block(block(halved(half), 4), 5);
        Tensor deep = block(block(halved(quarter), 6), 7);
        Tensor up = block(block(joined(deep, quarter), 8), 9);
        up = block(block(joined(up, half), 10), 11);
        up = block(block(joined(up, full), 12), 13);
        return torch.conv2d(
                up, parameter("conv14.weight"), new TensorOptional(parameter("conv14.bias")), ONE, NONE, ONE, 1);
    }

    private Tensor block(Tensor in, int index) {
        String name = "conv" + index;
        Tensor scores = torch.conv2d(in, parameter(name + ".weight"), new TensorOptional(), ONE, ONE, ONE, 1);
        return torch.batch_norm(
                        scores,
                        new TensorOptional(parameter(name + ".norm.weight")),
                        new TensorOptional(parameter(name + ".norm.bias")),
                        new TensorOptional(buffer(name + ".norm.mean")),
                        new TensorOptional(buffer(name + ".norm.variance")),
                        true,
                        0.1,
                        1e-5,
                        false)
                .relu();
    }

    private static Tensor halved(Tensor in) {
        return torch.max_pool2d(in, TWO, TWO, NONE, ONE, false);
    }

    private static Tensor joined(Tensor deep, Tensor skip) {
        Tensor up = torch.upsample_bilinear2d(deep, new long[] {skip.size(2), skip.size(3)}, false);
        return torch.cat(new TensorVector(up, skip), 1);
    }

    private Tensor parameter(String name) {
        return Objects.requireNonNull(parameters.get(name));
    }

    private Tensor buffer(String name) {
        return Objects.requireNonNull(buffers.get(name));
    }
}
