package io.maskstream.trainer.method.single;

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
 * The network's own most probable class is taken for the truth, where it is confident.
 *
 * <p>Lee, "Pseudo-Label: the simple and efficient semi-supervised learning method for deep neural networks", ICML workshop 2013. The
 * network labels an image and learns from it in the same step; the weight of that loss is 0 at first and rises in a line from 10 % to 60
 * % of the training, the shares that the paper's 100 and 600 of 1,000 updates amount to. It amounts to entropy minimisation, and it
 * confirms its own mistakes.
 *
 * <p>Departures: only pixels above a confidence count (the paper has no threshold), the threshold itself excluded; the released
 * network is a moving average, as for every method here.
 */
public final class PseudoLabelling implements Method {
    @Override
    public String name() {
        return "pseudo-label";
    }

    @Override
    public String category() {
        return "single";
    }

    @Override
    public String citation() {
        return "Lee: Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep Neural Networks."
                + " ICML workshop 2013";
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return RoundPlan.single(new Recipe(
                List.of(new Member("student", true), new Member("average", false)),
                List.of(
                        new Input("labelled-weak", Recipe.LABELLED, View.weak()),
                        new Input("weak", Recipe.UNLABELLED, View.weak())),
                List.of(new Phase(
                        List.of(Labelling.by(
                                "student",
                                "own-opinion",
                                "weak",
                                Refinement.confidenceAbove(Schedule.constant(settings.threshold())))),
                        List.of(
                                new Objective(
                                        "supervised",
                                        "student",
                                        "labelled-weak",
                                        Recipe.OWN,
                                        LossTerm.crossEntropy(Reduction.SELECTED, settings.classes()),
                                        Schedule.constant(1)),
                                new Objective(
                                        "pseudo-label",
                                        "student",
                                        "weak",
                                        "own-opinion",
                                        LossTerm.crossEntropy(Reduction.ALL),
                                        Schedule.linearRamp(settings.unlabelledWeight(), 0.1, 0.6))),
                        List.of(new Transfer(
                                "student",
                                "average",
                                WeightTransfer.average(settings.teacherDecay(), Buffers.AVERAGE))))),
                "average"));
    }
}
