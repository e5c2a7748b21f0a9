package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.BoxRule;
import io.maskstream.trainer.block.view.CutMix;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * A student follows the probabilities of its own moving average, on the same image seen otherwise.
 *
 * <p>Tarvainen and Valpola, "Mean teachers are better role models", NeurIPS 2017; for segmentation French et al., BMVC 2020, from which
 * CutMix and the sum over classes come. The weight of the consistency rises as {@code exp(-5 (1 - t/T)^2)} over the first third of
 * the training. As there, the loss is weighed by the share of pixels of which the teacher is confident; a threshold of 0 is the original
 * without it.
 *
 * <p>Departures: the teacher looks in evaluation mode and its batch-normalisation statistics are averaged like weights; images without
 * annotation alone are compared; the student's colours change as for every method here, with blur and without hue.
 *
 * <p>Streaming: the targets are the teacher's of the moment, so stored labels are not used. Student, teacher and the clocks of ramp and
 * average last over rounds; the teacher never starts anew from the student. The router may use the teacher's mean confidence.
 */
public final class MeanTeacher implements Method {
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP = Option.ramp(1.0 / 3);
    private static final Option THRESHOLD = Option.threshold(0.97);
    private static final Option PER_PIXEL = new Option(
            "per-pixel", 0, 0, 1, "1 drops every unconfident pixel; 0 weighs the whole batch by the confident share");

    @Override
    public String name() {
        return "mean-teacher";
    }

    @Override
    public String citation() {
        return "Tarvainen, Valpola: Mean teachers are better role models. NeurIPS 2017";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RAMP, THRESHOLD, PER_PIXEL);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        Schedule threshold = Schedule.constant(settings.get(THRESHOLD));
        Refinement confident = settings.count(PER_PIXEL) == 1
                ? Refinement.confidenceAtLeast(threshold)
                : Refinement.byConfidentShare(threshold);
        CutMix half = new CutMix(1, BoxRule.half(), CutMix.Drawn.FOR_EACH_IMAGE, CutMix.Partner.NEXT);
        return RoundPlan.single(Supervision.of(settings, "teacher")
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("mixed", "weak", Views.strong().then(half))
                .label("expected", "teacher", "weak", confident)
                .learn(
                        "consistency",
                        Supervision.STUDENT,
                        "mixed",
                        "expected",
                        LossTerm.squaredDistance(Reduction.ALL),
                        Schedule.sigmoidRamp(settings.get(UNLABELLED_WEIGHT), settings.get(RAMP)))
                .export("teacher"));
    }
}
