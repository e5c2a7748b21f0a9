package io.maskstream.trainer.method.baseline;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.CutMix;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import io.maskstream.trainer.network.Taps;
import java.util.List;

/**
 * FixMatch with three learners of one label: two strong views, each with boxes of its own, and the weak view with features dropped.
 *
 * <p>Yang et al., "Revisiting Weak-to-Strong Consistency in Semi-Supervised Semantic Segmentation", CVPR 2023. The current network
 * labels the weak view; of the unlabelled weight each strong view has a quarter and the dropped features half.
 *
 * <p>Departures: the labeller looks in evaluation mode, in a pass of its own; pasted boxes come from images of the same batch; channels
 * are dropped from the deepest features only, not from the low-level ones; the weight rises over the first third of the training,
 * since the network may start from nothing; the sum of the two losses is not halved, AdamW does not care. What is released is the
 * moving average of the learner, which labels nothing.
 *
 * <p>Streaming: labels are made anew in every step, so the stored ones are not used; between rounds only networks and the clock of the
 * ramp last. The router may use the share of pixels at or above the threshold.
 */
public final class UniMatch implements Method {
    private static final Option THRESHOLD = Option.threshold(0.95);
    /** Weight of all three learners together. */
    public static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    /** How long the weight rises. */
    public static final Option RAMP = Option.ramp(1.0 / 3);
    /** Disturbance of the features. */
    public static final Option DROPOUT =
            new Option("feature-dropout", 0.5, 0, 0.95, "chance that a channel of the features is dropped");

    @Override
    public String name() {
        return "unimatch";
    }

    @Override
    public String citation() {
        return "Yang et al.: Revisiting Weak-to-Strong Consistency in Semi-Supervised Semantic Segmentation. CVPR 2023";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(THRESHOLD, UNLABELLED_WEIGHT, RAMP, DROPOUT);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return RoundPlan.single(
                recipe(settings, "average", Refinement.confidenceAtLeast(Schedule.constant(settings.get(THRESHOLD)))));
    }

    /**
     * Returns the recipe with another rule for what counts, for methods that change nothing else.
     *
     * @param average name of the moving average that is released
     * @param filter of the labels
     */
    public static Recipe recipe(MethodSettings settings, String average, Refinement filter) {
        View strong = Views.strong().then(CutMix.USUAL.withAnother());
        Look dropped = Look.with("features dropped", Perturbation.channelDropout(settings.get(DROPOUT), Taps.ENCODER));
        LossTerm term = LossTerm.crossEntropy(Reduction.VALID);
        Schedule quarter = Schedule.sigmoidRamp(settings.get(UNLABELLED_WEIGHT) / 4, settings.get(RAMP));
        Schedule half = Schedule.sigmoidRamp(settings.get(UNLABELLED_WEIGHT) / 2, settings.get(RAMP));
        return Supervision.of(settings, average)
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("strong-1", "weak", strong)
                .see("strong-2", "weak", strong)
                .label("confident", Supervision.STUDENT, "weak", filter)
                .learn("strong-1", Supervision.STUDENT, "strong-1", "confident", term, quarter)
                .learn("strong-2", Supervision.STUDENT, "strong-2", "confident", term, quarter)
                .learn("features", Supervision.STUDENT, "weak", dropped, "confident", term, half)
                .export(average);
    }
}
