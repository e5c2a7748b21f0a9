package io.maskstream.trainer.bench;

import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** One of those that are compared, with its own weights and optimiser. */
final class TrainingStep {
    private final UnaryOperator<Tensor> forward;
    private final AdamW optimiser;

    /**
     * @param network whose parameters learn
     * @param forward from images to logits
     */
    TrainingStep(SegmentationNetwork network, UnaryOperator<Tensor> forward) {
        this.forward = forward;
        this.optimiser = new AdamW(
                new TensorVector(network.parameters().values().toArray(Tensor[]::new)), new AdamWOptions(1e-3));
    }

    /** Learns once and returns the seconds it took; reading the loss waits for the device. */
    double run(Tensor images, Tensor truth) {
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
