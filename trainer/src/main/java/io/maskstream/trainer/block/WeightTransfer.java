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
     * @param step optimiser steps done, from 1
     */
    void transfer(SegmentationNetwork from, SegmentationNetwork to, long step);

    /** What happens to the running statistics of batch normalisation. */
    enum Buffers {
        /** They follow as the weights do. */
        AVERAGE,
        /** They are taken over as they are. */
        COPY
    }

    /** Makes the two equal. */
    static WeightTransfer copy() {
        return (from, to, step) -> to.copyWeightsFrom(from);
    }

    /**
     * The exponential moving average of a teacher: {@code t = a t + (1 - a) s} with {@code a = min(1 - 1/(step + 1), decay)}.
     *
     * <p>Tarvainen and Valpola, "Mean teachers are better role models", NeurIPS 2017, with the authors' warm-up: the first update has
     * a = 0.5.
     */
    static WeightTransfer average(double decay, Buffers buffers) {
        return (from, to, step) -> {
            to.average(from, decayAt(decay, step));
            if (buffers == Buffers.COPY) {
                Map<String, Tensor> given = from.buffers();
                to.buffers().forEach((name, buffer) -> {
                    Tensor other = given.get(name);
                    if (other != null) {
                        var unused = buffer.copy_(other);
                    }
                });
            }
        };
    }

    /** Returns the decay at a step under warm-up. */
    static double decayAt(double decay, long step) {
        return Math.min(1 - 1.0 / (step + 1), decay);
    }
}
