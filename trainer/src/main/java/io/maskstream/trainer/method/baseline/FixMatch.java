package io.maskstream.trainer.method.baseline;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.CutMix;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * Labels from a weak view where the labeller is confident, learned from a strong view with CutMix.
 *
 * <p>Sohn et al., "FixMatch", NeurIPS 2020, in the form for segmentation of Yang et al., "UniMatch V2", TPAMI 2025, where the labels
 * come from a moving average of the learner. The unlabelled loss is divided by all valid pixels, so that few confident pixels count
 * little.
 *
 * <p>Departures: the labeller looks in evaluation mode and not in a joint training-mode pass, which keeps its batch normalisation
 * apart from the strong views; the weight of the unlabelled loss rises over the first third of the training, since the network may start
 * from nothing; the sum of the two losses is not halved, AdamW does not care; pasted boxes come from the next image of the same batch;
 * the average's decay is 0.99, and 0.996 there in a longer training.
 *
 * <p>Streaming: labels are made anew in every step, so the stored ones are not used; between rounds only networks and the clock of the
 * ramp last. The router may use the share of pixels at or above the threshold.
 */
public final class FixMatch implements Method {
    private static final Option THRESHOLD = Option.threshold(0.95);
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP = Option.ramp(1.0 / 3);

    @Override
    public String name() {
        return "fixmatch";
    }

    @Override
    public String citation() {
        return "Sohn et al.: FixMatch: Simplifying Semi-Supervised Learning with Consistency and Confidence. NeurIPS 2020";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(THRESHOLD, UNLABELLED_WEIGHT, RAMP);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return RoundPlan.single(Supervision.of(settings, "teacher")
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("strong", "weak", Views.strong().then(CutMix.USUAL))
                .label(
                        "confident",
                        "teacher",
                        "weak",
                        Refinement.confidenceAtLeast(Schedule.constant(settings.get(THRESHOLD))))
                .learn(
                        "unlabelled",
                        Supervision.STUDENT,
                        "strong",
                        "confident",
                        LossTerm.crossEntropy(Reduction.VALID),
                        Schedule.sigmoidRamp(settings.get(UNLABELLED_WEIGHT), settings.get(RAMP)))
                .export("teacher"));
    }
}
