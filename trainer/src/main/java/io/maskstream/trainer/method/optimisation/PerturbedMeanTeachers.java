package io.maskstream.trainer.method.optimisation;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.WeightTransfer;
import io.maskstream.trainer.block.feature.TeacherAdversary;
import io.maskstream.trainer.block.label.SteadiedMean;
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
 * Two teachers that follow the student in turns label together; the student is disturbed in picture and features, and learns by a
 * cross-entropy that counts each pixel by its confidence.
 *
 * <p>Liu et al., "Perturbed and Strict Mean Teachers for Semi-supervised Semantic Segmentation", CVPR 2022. The loss is divided by the
 * number of pixels above the threshold, not by the sum of their confidences. {@link TeacherAdversary} disturbs the features, {@link
 * SteadiedMean} joins the teachers' scores. The teachers begin with annotations of their own draws, so that they differ.
 *
 * <p>Departures: a turn is a share of the training where the paper's is an epoch; annotations are seen weakly and undisturbed, as by
 * every method here; images to mix with come from the same batch, some places on; the teachers' decay is 0.99 where the
 * paper's is 0.996 in a longer training. What is released is neither teacher nor the mean of
 * both but the moving average of the student, one network as the paper's single deployment; so there are four networks in memory.
 *
 * <p>Streaming: labels are made anew in every step, so the stored ones are not used. Both teachers and the clock of turns and ramp last
 * over rounds, and only the first round has a supervised beginning. The router may use the teachers' disagreement, since they are of
 * different age and a drift parts them, and the share of pixels that is kept.
 */
public final class PerturbedMeanTeachers implements Method {
    private static final List<String> TEACHERS = List.of("teacher-1", "teacher-2");

    private static final Option THRESHOLD = Option.threshold(0.6);
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1.5);
    private static final Option RAMP = Option.ramp(12.0 / 80);
    private static final Option WARM_UP =
            new Option("warm-up", 5.0 / 80, 0, 1, "share of the training in which the teachers learn annotations");
    private static final Option TURN =
            new Option("turn", 1.0 / 80, 1e-5, 1, "share of the training in which one teacher follows the student");
    private static final Option TOP =
            new Option("top", 7, 1, 255, "highest scores that count of the teacher that does not follow");
    private static final Option RADIUS = new Option("radius", 2, 0, 1000, "length of the noise on an image's features");
    private static final Option PROBE = new Option(
            "probe", 0.1, 1e-6, 1000, "length of the step that finds the noise; our choice, 1e-6 in the paper");

    @Override
    public String name() {
        return "ps-mt";
    }

    @Override
    public String citation() {
        return "Liu et al.: Perturbed and Strict Mean Teachers for Semi-Supervised Semantic Segmentation. CVPR 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(THRESHOLD, UNLABELLED_WEIGHT, RAMP, WARM_UP, TURN, TOP, RADIUS, PROBE);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        double weight = settings.get(UNLABELLED_WEIGHT);
        double warmUp = settings.get(WARM_UP);
        double turn = settings.get(TURN);
        CutMix mix = new CutMix(1, BoxRule.beta(4, 4), CutMix.Drawn.FOR_EACH_IMAGE, CutMix.Partner.ANOTHER);
        WeightTransfer average = Supervision.averaging(settings);
        RecipeBuilder recipe = Supervision.of(settings, "average");
        for (int i = 0; i < TEACHERS.size(); i++) {
            String teacher = TEACHERS.get(i);
            recipe.learner(teacher)
                    .see("labelled-" + teacher, Recipe.LABELLED, Views.weak())
                    .learn(
                            teacher,
                            teacher,
                            "labelled-" + teacher,
                            Recipe.OWN,
                            Supervision.crossEntropy(settings),
                            Schedule.constant(weight > 0 ? 1 : 0).until(warmUp))
                    .move(Supervision.STUDENT, teacher, average.inTurn(i, TEACHERS.size(), turn, warmUp));
        }
        return RoundPlan.single(recipe.see("weak", Recipe.UNLABELLED, Views.weak())
                .see("mixed", "weak", Views.strong().then(mix))
                .label(Labelling.of(
                        "strict",
                        TEACHERS,
                        "weak",
                        new SteadiedMean(settings.count(TOP), turn, warmUp),
                        Refinement.confidenceAtLeast(Schedule.constant(settings.get(THRESHOLD))),
                        Refinement.byConfidence()))
                .learn(
                        "perturbed",
                        Supervision.STUDENT,
                        "mixed",
                        Look.with(
                                "adversarial",
                                new TeacherAdversary(TEACHERS, settings.get(RADIUS), settings.get(PROBE))),
                        "strict",
                        LossTerm.crossEntropy(Reduction.SELECTED),
                        Schedule.cosineRamp(weight, settings.get(RAMP)).after(warmUp))
                .export("average"));
    }
}
