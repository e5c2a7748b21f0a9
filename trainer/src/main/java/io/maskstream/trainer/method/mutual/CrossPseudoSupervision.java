package io.maskstream.trainer.method.mutual;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.ThreeBoxes;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Peers;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * Two networks see the same picture, and each takes the other's most probable classes for the truth, without a threshold.
 *
 * <p>Chen et al., "Semi-Supervised Semantic Segmentation with Cross Pseudo Supervision", CVPR 2021. Labels are given by the weights that
 * learn, in training mode. With mixing, two pictures are labelled and then mixed by {@link ThreeBoxes}, labels likewise, which is the
 * most probable class of the mixed scores; the annotated images then have no part. Without mixing the term is the mean over annotated and
 * other pixels, those of other images from the pass in which both learn; the paper weighs it 1.5 then, and 1 with mixing (on Cityscapes
 * 6 and 5). Released is the moving average of the first network; the paper releases the first network.
 *
 * <p>Departures: padding is not learned; the mixing partner is of the same batch, see {@link ThreeBoxes}; each
 * network sees annotated images through a view of its own, so a peer looks once more to label those of another; the
 * networks start from one brought network, see {@link Peers}.
 *
 * <p>Streaming: both networks go on in the next round. Labels are made in every step, so stored pseudo-labels serve routing alone. The
 * router may use the share of pixels on which two networks disagree.
 */
public final class CrossPseudoSupervision implements Method {
    /** Whether pictures are mixed. */
    static final Option MIXING =
            new Option("mixing", 1, 0, 1, "1 mixes pictures and labels by three boxes, 0 does not");

    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP = Option.ramp(0);

    @Override
    public String name() {
        return "cps";
    }

    @Override
    public String citation() {
        return "Chen, Yuan, Zeng, Wang: Semi-Supervised Semantic Segmentation with Cross Pseudo Supervision. CVPR 2021";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RAMP, MIXING, Peers.NOVELTY);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        RecipeBuilder recipe = Peers.of(settings, 2);
        Exchange exchange = new Exchange(Peers.names(2), null, LossTerm.crossEntropy(Reduction.SELECTED), List.of());
        exchanging(recipe, settings, exchange, settings.get(UNLABELLED_WEIGHT), settings.get(RAMP));
        return RoundPlan.single(recipe.export("average"));
    }

    /**
     * Lets networks exchange labels, with or without mixing.
     *
     * @param weight of what one network learns from one label
     */
    static void exchanging(
            RecipeBuilder recipe, MethodSettings settings, Exchange exchange, double weight, double ramp) {
        recipe.see("weak", Recipe.UNLABELLED, Views.weak());
        if (settings.count(MIXING) == 1) {
            recipe.see("mixed", "weak", new ThreeBoxes());
            exchange.on(recipe, "weak", "mixed", Schedule.sigmoidRamp(weight, ramp));
        } else {
            exchange.on(recipe, "weak", "weak", Schedule.sigmoidRamp(0.5 * weight, ramp));
            exchange.onLabelled(recipe, Schedule.sigmoidRamp(0.5 * weight, ramp));
        }
    }
}
