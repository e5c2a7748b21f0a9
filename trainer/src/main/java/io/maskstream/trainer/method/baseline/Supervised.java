package io.maskstream.trainer.method.baseline;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Input;
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
 * Learning from annotations alone, under weak augmentation: what every other method has to beat.
 *
 * <p>Cross-entropy over the pixels with a class, rare classes weighing more. The released network is a moving average of the learner's weights (Polyak and
 * Juditsky, 1992; decay 0.99), since the last step of a short training is noisy; methods with a teacher release theirs as well, so the
 * comparison stays fair.
 */
public final class Supervised implements Method {
    @Override
    public String name() {
        return "supervised";
    }

    @Override
    public String category() {
        return "baseline";
    }

    @Override
    public String citation() {
        return "Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation. CVPR 2015";
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        return RoundPlan.single(new Recipe(
                List.of(new Member("student", true), new Member("average", false)),
                List.of(new Input("labelled-weak", Recipe.LABELLED, View.weak())),
                List.of(new Phase(
                        List.of(),
                        List.of(new Objective(
                                "supervised",
                                "student",
                                "labelled-weak",
                                Recipe.OWN,
                                LossTerm.crossEntropy(Reduction.SELECTED, settings.classes()),
                                Schedule.constant(1))),
                        List.of(new Transfer(
                                "student",
                                "average",
                                WeightTransfer.average(settings.teacherDecay(), Buffers.AVERAGE))))),
                "average"));
    }
}
