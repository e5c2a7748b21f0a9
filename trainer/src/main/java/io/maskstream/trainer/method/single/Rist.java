package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * Random iterative self-training: as {@link Gist}, with a coin in place of the held-out part, at half its cost a stage.
 *
 * <p>Teh et al., "The GIST and RIST of Iterative Self-Training for Semi-Supervised Segmentation", CRV 2022.
 *
 * <p>Departures: the last stage is released and not the best on held-out annotations, of which there are too few to spare any for one
 * choice; pseudo-labels are not drawn more than twice in a row, so that noise does not add up.
 *
 * <p>Streaming: as for {@link Gist}; the coin is drawn anew in every round.
 */
public final class Rist implements Method {
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);

    @Override
    public String name() {
        return "rist";
    }

    @Override
    public String citation() {
        return "Teh et al.: The GIST and RIST of Iterative Self-Training for Semi-Supervised Segmentation. CRV 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(
                UNLABELLED_WEIGHT, AlternatingPlan.STAGES, AlternatingPlan.FIRST, AlternatingPlan.RATE);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return AlternatingPlan.of(settings, UNLABELLED_WEIGHT, false, 0);
    }
}
