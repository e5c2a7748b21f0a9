package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.CutMix;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Input;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Member;
import io.maskstream.trainer.block.Recipe.Objective;
import io.maskstream.trainer.block.Recipe.Phase;
import io.maskstream.trainer.block.Recipe.Transfer;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.RoundPlan;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.WeightTransfer;
import io.maskstream.trainer.block.WeightTransfer.Buffers;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
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
    public RoundPlan plan(MethodSettings settings) {
        return RoundPlan.single(new Recipe(
                List.of(new Member("student", true), new Member("teacher", false)),
                List.of(
                        new Input("labelled-weak", Recipe.LABELLED, View.weak()),
                        new Input("weak", Recipe.UNLABELLED, View.weak()),
                        new Input("mixed", "weak", View.strong().then(new CutMix(1, 0.25, 0.5)))),
                List.of(new Phase(
                        List.of(Labelling.by("teacher", "expected", "weak")),
                        List.of(
                                new Objective(
                                        "supervised",
                                        "student",
                                        "labelled-weak",
                                        Recipe.OWN,
                                        LossTerm.crossEntropy(Reduction.SELECTED, settings.classes()),
                                        Schedule.constant(1)),
                                new Objective(
                                        "consistency",
                                        "student",
                                        "mixed",
                                        "expected",
                                        LossTerm.squaredDistance(Reduction.VALID),
                                        Schedule.sigmoidRamp(settings.unlabelledWeight(), 1.0 / 3))),
                        List.of(new Transfer(
                                "student",
                                "teacher",
                                WeightTransfer.average(settings.teacherDecay(), Buffers.AVERAGE))))),
                "teacher"));
    }
}
