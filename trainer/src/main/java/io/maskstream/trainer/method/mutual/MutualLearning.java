package io.maskstream.trainer.method.mutual;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.loss.Divergence;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Peers;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * Networks learn the task together, each drawn towards the probabilities of every other.
 *
 * <p>Zhang et al., "Deep Mutual Learning", CVPR 2018. Network k lowers its supervised loss and the mean divergence
 * {@code KL(p_j || p_k)} from its peers, whose probabilities are constants to it. The divergence counts on annotated and other images
 * alike, half the weight on each. What is released is the moving average of the first network.
 *
 * <p>Departures: the paper classifies and has no images without annotation; all networks take their step together, as in the
 * authors' code, where the paper takes turns; each sees annotated images through a view of its own, so its peers look once more at
 * those; networks start from one brought network, see {@link Peers}; probabilities come
 * from {@code log_softmax} and not with a small number in a logarithm.
 *
 * <p>Streaming: all networks go on in the next round. Targets are soft and made in every step, so stored pseudo-labels are not learned
 * from and serve routing alone. The router may use the divergence between two networks as a map of doubt.
 */
public final class MutualLearning implements Method {
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP = Option.ramp(0);
    private static final Option NETWORKS =
            new Option("networks", 2, 2, 8, "how many networks learn together, the released one among them");
    private static final Option SUM_OVER_PEERS =
            new Option("sum-over-peers", 0, 0, 1, "1 adds up the divergences as the authors' code, 0 takes their mean");

    @Override
    public String name() {
        return "dml";
    }

    @Override
    public String citation() {
        return "Zhang, Xiang, Hospedales, Lu: Deep Mutual Learning. CVPR 2018";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RAMP, NETWORKS, SUM_OVER_PEERS, Peers.NOVELTY);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        int networks = settings.count(NETWORKS);
        double share = settings.count(SUM_OVER_PEERS) == 1 ? 1 : 1.0 / (networks - 1);
        Schedule half = Schedule.sigmoidRamp(0.5 * share * settings.get(UNLABELLED_WEIGHT), settings.get(RAMP));
        LossTerm divergence = Divergence.loss(Reduction.VALID);
        RecipeBuilder recipe = Peers.of(settings, networks).see("weak", Recipe.UNLABELLED, Views.weak());
        Exchange exchange = new Exchange(Peers.names(networks), null, divergence, List.of());
        exchange.on(recipe, "weak", "weak", half);
        exchange.onLabelled(recipe, half);
        return RoundPlan.single(recipe.export("average"));
    }
}
