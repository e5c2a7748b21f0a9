package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.Feed;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Giver;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.auxiliary.ResidualCorrection;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;

/**
 * A second network learns on annotated images what is missing from predictions, and pseudo-labels are corrected by it.
 *
 * <p>Li and Zheng, "A Residual Correction Approach for Semi-supervised Semantic Segmentation", PRCV 2021. The correction network learns the
 * difference between annotation and predicted probabilities; on other images it is added to the prediction before the most probable class is
 * taken, and the segmentation network learns that.
 *
 * <p>The paper's text beyond its idea was not at hand, so much is our choice: both networks learn in the same step in place of whole rounds in
 * turn; a network errs little on its own annotations, so the correction learns on strongly changed views of them; it starts by correcting
 * nothing, and pseudo-labels count only after the first part of the training. Released is the moving average of the segmentation network,
 * without correction.
 *
 * <p>Streaming: the correction network goes on over rounds and learns the errors of the network of now in every step. Labels are corrected
 * in every step; the stored ones, which nobody corrected, are not learned from. The size of the correction would be a score for the router;
 * it is not exported, and the router uses the released model alone.
 */
public final class ResidualCorrectionTraining implements Method {
    private static final String CORRECTION = "correction";

    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option THRESHOLD = Option.threshold(0);
    private static final Option LABEL_FROM =
            new Option("label-from", 0.3, 0, 1, "share of the training before pseudo-labels count; our choice");
    private static final Option WIDTH =
            new Option("correction-width", 32, 1, 512, "channels of the correction network; our choice");

    @Override
    public String name() {
        return "residual-correction";
    }

    @Override
    public String citation() {
        return "Li, Zheng: A Residual Correction Approach for Semi-supervised Semantic Segmentation. PRCV 2021";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, THRESHOLD, LABEL_FROM, WIDTH);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        Look reading = Look.at("reading", new Feed(Supervision.STUDENT, false, new ResidualCorrection.Reading()));
        Refinement confident = Refinement.confidenceAtLeast(Schedule.constant(settings.get(THRESHOLD)));
        double weight = settings.get(UNLABELLED_WEIGHT);
        return RoundPlan.single(Supervision.of(settings, "average")
                .learner(CORRECTION, ResidualCorrection.source(settings.count(WIDTH)))
                .see("labelled-strong", Supervision.LABELLED_WEAK, Views.strong())
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("strong", "weak", Views.strong())
                .label(new Labelling(
                        "corrected",
                        List.of(new Giver(Supervision.STUDENT, Look.PLAIN), new Giver(CORRECTION, reading)),
                        "weak",
                        false,
                        ResidualCorrection.corrected(),
                        List.of(confident)))
                .learn(
                        "residual",
                        CORRECTION,
                        "labelled-strong",
                        reading,
                        Recipe.OWN,
                        ResidualCorrection.distance(),
                        Schedule.constant(weight))
                .learn(
                        "pseudo-label",
                        Supervision.STUDENT,
                        "strong",
                        "corrected",
                        LossTerm.crossEntropy(Reduction.SELECTED),
                        Schedule.constant(weight).after(settings.get(LABEL_FROM)))
                .export("average"));
    }
}
