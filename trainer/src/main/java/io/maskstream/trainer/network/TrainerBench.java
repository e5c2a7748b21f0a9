package io.maskstream.trainer.network;

import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.libtorch.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What running a graph costs over writing the network out.
 *
 * <p>A step of training (forward, cross-entropy, backward, AdamW) of the starting U-Net as {@link GraphNetwork} and as
 * direct calls of libtorch, batch 8 at 160x120, one after the other in one run, so that whatever else the machine does
 * hits both. The figures are medians.
 */
public final class TrainerBench {
    private static final int BATCH = 8;
    private static final int HEIGHT = 120;
    private static final int WIDTH = 160;
    private static final ClassList CLASSES =
            ClassList.of(List.of("c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10"));

    private TrainerBench() {}

    /**
     * One figure of the bench.
     *
     * @param what what was measured
     * @param ours seconds of ours, the median
     * @param reference seconds of the reference, the median
     * @param ratio ours over reference, below 1 is faster
     */
    public record Run(String what, double ours, double reference, double ratio) {}

    /**
     * Measures.
     *
     * @param device where to
     * @param warmUp steps of each that are not counted
     * @param steps steps of each that are counted, at least 1
     */
    public static List<Run> run(Device device, int warmUp, int steps) {
        if (steps < 1 || warmUp < 0) {
            throw new IllegalArgumentException(
                    "expected at least 1 step and no negative warm-up, found " + steps + " and " + warmUp);
        }
        try (PointerScope scope = new PointerScope();
                GraphNetwork graph =
                        GraphNetwork.of(StartingModels.named("unet").build(CLASSES, HEIGHT, WIDTH, 1), device);
                GraphNetwork weights = graph.copy()) {
            graph.train();
            Tensor images = torch.rand(BATCH, 3, HEIGHT, WIDTH).to(name(graph), torch.ScalarType.Float);
            Tensor truth = torch.rand(BATCH, HEIGHT, WIDTH)
                    .mul(new Scalar(CLASSES.size()))
                    .to(name(graph), torch.ScalarType.Long);
            DirectUNet direct = new DirectUNet(weights);
            Side ours = new Side(graph, input -> graph.forward(input).logits());
            Side reference = new Side(weights, direct::forward);
            double[] oursSeconds = new double[steps];
            double[] referenceSeconds = new double[steps];
            for (int step = -warmUp; step < steps; step++) {
                double first = ours.step(images, truth);
                double second = reference.step(images, truth);
                if (step >= 0) {
                    oursSeconds[step] = first;
                    referenceSeconds[step] = second;
                }
            }
            double mine = median(oursSeconds);
            double theirs = median(referenceSeconds);
            return List.of(new Run(
                    "training step of the U-Net, batch " + BATCH + " at " + WIDTH + "x" + HEIGHT
                            + ", graph against direct libtorch",
                    mine,
                    theirs,
                    mine / theirs));
        }
    }

    private static org.bytedeco.pytorch.Device name(GraphNetwork network) {
        return Torch.name(network.device());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** One of the two that are compared, with its own weights and optimiser. */
    private static final class Side {
        private final UnaryOperator<Tensor> forward;
        private final AdamW optimiser;

        Side(GraphNetwork network, UnaryOperator<Tensor> forward) {
            this.forward = forward;
            this.optimiser = new AdamW(
                    new TensorVector(network.parameters().values().toArray(Tensor[]::new)), new AdamWOptions(1e-3));
        }

        /** Learns once and returns the seconds it took; reading the loss waits for the device. */
        double step(Tensor images, Tensor truth) {
            long start = System.nanoTime();
            try (PointerScope scope = new PointerScope()) {
                optimiser.zero_grad();
                Tensor loss = torch.cross_entropy_loss(forward.apply(images), truth);
                loss.backward();
                optimiser.step();
                if (!Double.isFinite(loss.item_double())) {
                    throw new IllegalStateException("the loss of the bench is no number");
                }
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }
}
