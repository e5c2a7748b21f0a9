package io.maskstream.trainer.method.mutual;

import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import java.util.List;

/**
 * Dynamic mutual training: two different networks label for each other between trainings, and while the one learns from the other's stored
 * labels, what it thinks of each pixel now weighs it. A network cannot see its own errors; another may.
 *
 * <p>Feng et al., "DMT: Dynamic Mutual Training for Semi-Supervised Learning", Pattern Recognition 130, 2022; survey eq. 5. Both learn from
 * annotations first, from parts of them that overlap; then, for five turns, each goes on from itself with the labels that the other gave in
 * the turn before, of which a share of 1/5, 2/5 to all is kept, balanced over the classes. The better of the two on held-out annotations is
 * released.
 *
 * <p>Departures: annotations and stored labels are divided by their own pixels and weigh alike, where the authors divide by those of both
 * together and have six or seven times as many stored ones in a batch; moving averages of the learners label and are released.
 *
 * <p>Streaming: both networks last, and the next round begins with them if it starts from the released one. The pool is labelled anew by
 * both, as weights need the confidence, which the stream's masks do not carry. The router may use where the two differ.
 */
public final class Dmt implements Method {
    @Override
    public String name() {
        return "dmt";
    }

    @Override
    public String citation() {
        return "Feng et al.: DMT: Dynamic Mutual Training for Semi-Supervised Learning. Pattern Recognition 2022";
    }

    @Override
    public List<Option> options() {
        return DynamicMutualPlan.options();
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return DynamicMutualPlan.of(settings, null);
    }
}
