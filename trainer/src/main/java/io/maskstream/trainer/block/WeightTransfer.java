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
        return average(Schedule.constant(decay), buffers);
    }

    /**
     * As {@link #average(double, Buffers)} without the warm-up: {@code a = decay} from the first step, so what the receiver knew at the
     * start fades slowly. For a start that knows the classes; one of random weights would be remembered as long. Wortsman et al., "Robust
     * Fine-Tuning of Zero-Shot Models", CVPR 2022, average the start with what it became; this averages along the way.
     */
    static WeightTransfer steadyAverage(double decay) {
        return named("steady moving average, decay " + decay, (from, to, progress) -> to.average(from, decay));
    }

    /** As {@link #average(double, Buffers)}, with a decay that changes. */
    static WeightTransfer average(Schedule decay, Buffers buffers) {
        return named("moving average, decay " + decay, (from, to, progress) -> {
            to.average(from, decayAt(decay.at(progress), progress.taken()));
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

    /**
     * The moving average of all weights but those of the head: features follow, the classifier does not. Jin et al., "Gentle Teaching
     * Assistant", NeurIPS 2022; the first update copies.
     *
     * @param from share of the training at which it begins
     */
    static WeightTransfer averageOfFeatures(double decay, double from) {
        return named("moving average of all but the head, decay " + decay, (given, to, progress) -> {
            long first = (long) Math.ceil(from * progress.steps()) + 1;
            to.average(given, decayAt(decay, Math.max(0, progress.taken() - first)), to.head());
        });
    }

    /** Returns this transfer up to a share of the training, and none after. */
    default WeightTransfer until(double share) {
        return named(this + " until " + share + " of the training", (from, to, progress) -> {
            if (progress.age() < share) {
                transfer(from, to, progress);
            }
        });
    }

    /**
     * Returns this transfer in one of several turns that go round.
     *
     * @param turn from 0
     * @param turns how many there are
     * @param share of the training that one turn takes, above 0
     * @param from share of the training at which the first begins
     */
    default WeightTransfer inTurn(int turn, int turns, double share, double from) {
        return named(
                this + " in turn " + (turn + 1) + " of " + turns + ", each " + share + " long",
                (giver, to, progress) -> {
                    if (progress.age() >= from && turnAt(progress, turns, share, from) == turn) {
                        transfer(giver, to, progress);
                    }
                });
    }

    /** Returns whose turn it is, from 0; before the first turn begins it is the first's. */
    static int turnAt(Progress progress, int turns, double share, double from) {
        double begun = Math.max(0, progress.age() - from) / share + 1e-9; // shares are not exact
        return (int) ((long) begun % turns);
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
