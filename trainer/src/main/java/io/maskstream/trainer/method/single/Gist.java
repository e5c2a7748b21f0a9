package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * Greedy iterative self-training: every refinement stage learns from people's labels alone or from pseudo-labels alone, whichever turns out
 * better on held-out annotations. A fixed mixture gets worse after a few stages; pseudo-labels move the network to the other images,
 * people's labels wash the noise out.
 *
 * <p>Teh et al., "The GIST and RIST of Iterative Self-Training for Semi-Supervised Segmentation", CRV 2022. Each stage starts from the one
 * that was kept; its pseudo-labels are the most probable classes of that network, without threshold, made once. A tie keeps people's labels;
 * the best of all stages is released.
 *
 * <p>Departures: both candidates of every stage count towards the round's steps, so each gets half of them; lengths and rates are ours, the
 * paper's are not public. The held-out images are never learned from, unless there is but one annotation,
 * which then is both.
 *
 * <p>Streaming: a round is a whole such training from the network that serves, and nothing else lasts. Stored labels of the stream are not
 * used, since the network that serves labels the pool anew; the router gives plain classes, and its mean confidence ranks.
 */
public final class Gist implements Method {
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option HELD_OUT = Option.heldOut();

    @Override
    public String name() {
        return "gist";
    }

    @Override
    public String citation() {
        return "Teh et al.: The GIST and RIST of Iterative Self-Training for Semi-Supervised Segmentation. CRV 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(
                UNLABELLED_WEIGHT, AlternatingPlan.STAGES, AlternatingPlan.FIRST, AlternatingPlan.RATE, HELD_OUT);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return AlternatingPlan.of(settings, UNLABELLED_WEIGHT, true, settings.get(HELD_OUT));
    }
}
