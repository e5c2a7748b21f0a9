package io.maskstream.trainer.method.baseline;

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
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.RoundPlan;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.WeightTransfer;
import io.maskstream.trainer.block.WeightTransfer.Buffers;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
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
 * from nothing; the sum of the two losses is not halved, AdamW does not care.
 */
public final class FixMatch implements Method {
    @Override
    public String name() {
        return "fixmatch";
    }

    @Override
    public String category() {
        return "baseline";
    }

    @Override
    public String citation() {
        return "Sohn et al.: FixMatch: Simplifying Semi-Supervised Learning with Consistency and Confidence. NeurIPS 2020";
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return RoundPlan.single(new Recipe(
                List.of(new Member("student", true), new Member("teacher", false)),
                List.of(
                        new Input("labelled-weak", Recipe.LABELLED, View.weak()),
                        new Input("weak", Recipe.UNLABELLED, View.weak()),
                        new Input("strong", "weak", View.strong().then(CutMix.USUAL))),
                List.of(new Phase(
                        List.of(Labelling.by(
                                "teacher",
                                "confident",
                                "weak",
                                Refinement.confidenceAtLeast(Schedule.constant(settings.threshold())))),
                        List.of(
                                new Objective(
                                        "supervised",
                                        "student",
                                        "labelled-weak",
                                        Recipe.OWN,
                                        LossTerm.crossEntropy(Reduction.SELECTED, settings.classes()),
                                        Schedule.constant(1)),
                                new Objective(
                                        "unlabelled",
                                        "student",
                                        "strong",
                                        "confident",
                                        LossTerm.crossEntropy(Reduction.VALID),
                                        Schedule.sigmoidRamp(settings.unlabelledWeight(), 1.0 / 3))),
                        List.of(new Transfer(
                                "student",
                                "teacher",
                                WeightTransfer.average(settings.teacherDecay(), Buffers.AVERAGE))))),
                "teacher"));
    }
}
