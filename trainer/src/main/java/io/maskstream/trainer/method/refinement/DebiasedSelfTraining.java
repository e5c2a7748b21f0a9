package io.maskstream.trainer.method.refinement;

import io.maskstream.trainer.block.Branch;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.loss.WorstCase;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import io.maskstream.trainer.network.Taps;
import java.util.List;

/**
 * Pseudo-labels teach a head of their own, and the features are trained against the worst head that the annotations allow.
 *
 * <p>Chen et al., "Debiased Self-Training for Semi-Supervised Learning", NeurIPS 2022. The network's own head makes the labels and
 * learns from people alone, so its errors cannot come back to it; a second head learns the pseudo-labels and shapes the features with
 * them. A third head agrees with the annotations while it contradicts the pseudo-labels as far as it can; its gradient reaches the
 * features reversed, so that no boundary that fits the annotations can fail badly elsewhere.
 *
 * <p>Departures, the paper being about classification: heads are convolutions and losses are per pixel; dropout in the two heads is left
 * out; the first term of the worst head uses the annotations, with which the paper's labels coincide; the reversal's unit of 1,000 steps
 * is a tenth of the training. The strong view of annotated images is weighed with the unlabelled loss, so that without it nothing but
 * supervised learning is left. What is released is the moving average of features and own head.
 *
 * <p>Streaming: labels are made anew in every step and the stored ones are not used, though this method would bear stale ones, since only
 * the second head would see them. The two heads and the clock of the reversal go on over rounds. The router needs nothing
 * beyond the released model, whose head has seen no pseudo-label.
 */
public final class DebiasedSelfTraining implements Method {
    private static final String PSEUDO = "pseudo";
    private static final String WORST = "worst";

    private static final Option THRESHOLD = Option.threshold(0.7);
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RAMP = Option.ramp(0);
    private static final Option WORST_WEIGHT =
            new Option("worst-weight", 1, 0, 100, "weight of the worst case, as a multiple of the unlabelled weight");
    private static final Option AGREEMENT =
            new Option("agreement", 2, 0, 100, "weight of the annotations in the worst case");
    private static final Option STRONG_LABELLED = new Option(
            "strong-labelled", 0.1, 0, 100, "weight of strongly seen annotations, a multiple of the unlabelled weight");
    private static final Option REVERSAL =
            new Option("reversal", 0.1, 0, 10, "limit of the reversed gradient's factor");
    private static final Option REVERSAL_UNIT = new Option(
            "reversal-unit", 0.1, 1e-3, 10, "share of the training in which the reversal comes in; our choice");
    private static final Option HIDDEN =
            new Option("hidden", 64, 0, 2048, "channels in the two added heads; our choice, 256 in large networks");

    @Override
    public String name() {
        return "dst";
    }

    @Override
    public String citation() {
        return "Chen et al.: Debiased Self-Training for Semi-Supervised Learning. NeurIPS 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(
                THRESHOLD,
                UNLABELLED_WEIGHT,
                RAMP,
                WORST_WEIGHT,
                AGREEMENT,
                STRONG_LABELLED,
                REVERSAL,
                REVERSAL_UNIT,
                HIDDEN);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        NetworkSource student = NetworkSource.START.with(
                Branch.head(PSEUDO, Taps.DECODER, settings.count(HIDDEN)),
                Branch.head(WORST, Taps.DECODER, settings.count(HIDDEN)));
        Perturbation reversed =
                Perturbation.reversed(WorstCase.reversal(settings.get(REVERSAL), settings.get(REVERSAL_UNIT)), WORST);
        double weight = settings.get(UNLABELLED_WEIGHT);
        Schedule unlabelled = Schedule.sigmoidRamp(weight, settings.get(RAMP));
        Schedule worst = Schedule.sigmoidRamp(weight * settings.get(WORST_WEIGHT), settings.get(RAMP));
        Refinement confident = Refinement.confidenceAbove(Schedule.constant(settings.get(THRESHOLD)));
        LossTerm annotated = Supervision.crossEntropy(settings);
        LossTerm agreement = LossTerm.crossEntropy(Reduction.SELECTED).times(settings.get(AGREEMENT));
        return RoundPlan.single(Supervision.of(settings, student, reversed, "average")
                .see("labelled-strong", Supervision.LABELLED_WEAK, Views.strong())
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("strong", "weak", Views.strong())
                .label("opinion", Supervision.STUDENT, "weak")
                .label("confident", Supervision.STUDENT, "weak", confident)
                .learn(
                        "strong-labelled",
                        Supervision.STUDENT,
                        "labelled-strong",
                        Recipe.OWN,
                        annotated,
                        Schedule.constant(weight * settings.get(STRONG_LABELLED)))
                .learn(
                        "pseudo-label",
                        Supervision.STUDENT,
                        "strong",
                        "confident",
                        LossTerm.crossEntropy(Reduction.ALL).on(PSEUDO),
                        unlabelled)
                .learn(
                        "worst-labelled",
                        Supervision.STUDENT,
                        Supervision.LABELLED_WEAK,
                        Recipe.OWN,
                        agreement.on(WORST),
                        worst)
                .learn(
                        "worst-case",
                        Supervision.STUDENT,
                        "weak",
                        "opinion",
                        WorstCase.disagreement(Reduction.VALID).on(WORST),
                        worst)
                .export("average"));
    }
}
