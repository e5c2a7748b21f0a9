package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.CutMix;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.RoundPlan;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.View;
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
 * the training.
 *
 * <p>Departures: the teacher looks in evaluation mode and its batch-normalisation statistics are averaged like weights; the
 * consistency is not masked by confidence, as in the original.
 */
public final class MeanTeacher implements Method {
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP = Option.ramp(1.0 / 3);

    @Override
    public String name() {
        return "mean-teacher";
    }

    @Override
    public String category() {
        return "single";
    }

    @Override
    public String citation() {
        return "Tarvainen, Valpola: Mean teachers are better role models. NeurIPS 2017";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RAMP);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return RoundPlan.single(Supervision.of(settings, "teacher")
                .see("weak", Recipe.UNLABELLED, View.weak())
                .see("mixed", "weak", View.strong().then(new CutMix(1, 0.25, 0.5)))
                .label("expected", "teacher", "weak")
                .learn(
                        "consistency",
                        Supervision.STUDENT,
                        "mixed",
                        "expected",
                        LossTerm.squaredDistance(Reduction.VALID),
                        Schedule.sigmoidRamp(settings.get(UNLABELLED_WEIGHT), settings.get(RAMP)))
                .export("teacher"));
    }
}
