package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * The network's own most probable class is taken for the truth, where it is confident.
 *
 * <p>Lee, "Pseudo-Label: the simple and efficient semi-supervised learning method for deep neural networks", ICML workshop 2013. The
 * network labels an image and learns from it in the same step; the weight of that loss is 0 at first and rises in a line from 10 % to 60
 * % of the training, where the paper's rises from its update 100 to 600; the shares are ours. It amounts to entropy minimisation, and
 * it confirms its own mistakes.
 *
 * <p>Departures: only pixels above a confidence count (the paper has no threshold), the threshold itself excluded; the loss weighs 1 in
 * the end where the paper's weighs 3; the released network is a moving average, as for every method here.
 *
 * <p>Streaming: this is the form in which labels are made in the step, so the stored ones are not used and none is ever stale; the
 * clock of the weight goes on over rounds. The router makes exactly these labels, and may rank images by their mean confidence.
 */
public final class PseudoLabelling implements Method {
    private static final Option THRESHOLD = Option.threshold(0.9);
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option BEGIN =
            new Option("ramp-from", 0.1, 0, 1, "share of the training without the unlabelled loss");
    private static final Option RAMP =
            new Option("ramp", 0.5, 0, 1, "share of the training in which the unlabelled loss then comes in");

    @Override
    public String name() {
        return "pseudo-label";
    }

    @Override
    public String citation() {
        return "Lee: Pseudo-Label: The Simple and Efficient Semi-Supervised Learning Method for Deep Neural Networks."
                + " ICML workshop 2013";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(THRESHOLD, UNLABELLED_WEIGHT, BEGIN, RAMP);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        double begin = settings.get(BEGIN);
        return RoundPlan.single(Supervision.of(settings, "average")
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .label(
                        "own-opinion",
                        Supervision.STUDENT,
                        "weak",
                        Refinement.confidenceAbove(Schedule.constant(settings.get(THRESHOLD))))
                .learn(
                        "pseudo-label",
                        Supervision.STUDENT,
                        "weak",
                        "own-opinion",
                        LossTerm.crossEntropy(Reduction.ALL),
                        Schedule.linearRamp(settings.get(UNLABELLED_WEIGHT), begin, begin + settings.get(RAMP)))
                .export("average"));
    }
}
