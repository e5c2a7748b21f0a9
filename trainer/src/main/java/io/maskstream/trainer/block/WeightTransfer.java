package io.maskstream.trainer.block;

import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Moves weights between networks after a step. Runs without gradient. */
@FunctionalInterface
public interface WeightTransfer {

    /**
     * Changes {@code to}.
     *
     * @param progress of the step that was just taken
     */
    void transfer(SegmentationNetwork from, SegmentationNetwork to, Progress progress);

    /** What happens to the running statistics of batch normalisation. */
    enum Buffers {
        /** They follow as the weights do. */
        AVERAGE,
        /** They are taken over as they are. */
        COPY
    }

    /** Makes the two equal. */
    static WeightTransfer copy() {
        return named("copy", (from, to, progress) -> to.copyWeightsFrom(from));
    }

    /**
     * The exponential moving average of a teacher: {@code t = a t + (1 - a) s} with {@code a = min(1 - 1/(step + 1), decay)}.
     *
     * <p>Tarvainen and Valpola, "Mean teachers are better role models", NeurIPS 2017, with the authors' warm-up: the first update has
     * a = 0.5.
     */
    static WeightTransfer average(double decay, Buffers buffers) {
        return named("moving average, decay " + decay, (from, to, progress) -> {
            to.average(from, decayAt(decay, progress.taken()));
            if (buffers == Buffers.COPY) {
                Map<String, Tensor> given = from.buffers();
                to.buffers().forEach((name, buffer) -> {
                    Tensor other = given.get(name);
                    if (other != null) {
                        var unused = buffer.copy_(other);
                    }
                });
            }
        });
    }

    /** Returns the decay at a step under warm-up. */
    static double decayAt(double decay, long step) {
        return Math.min(1 - 1.0 / (step + 1), decay);
    }

    /** Gives a transfer a text, which is how it prints. */
    static WeightTransfer named(String text, WeightTransfer transfer) {
        record Named(String text, WeightTransfer transfer) implements WeightTransfer {
            @Override
            public void transfer(SegmentationNetwork from, SegmentationNetwork to, Progress progress) {
                transfer.transfer(from, to, progress);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, transfer);
    }
}
