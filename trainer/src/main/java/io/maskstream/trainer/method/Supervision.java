package io.maskstream.trainer.method;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.WeightTransfer;
import io.maskstream.trainer.block.WeightTransfer.Buffers;
import io.maskstream.trainer.block.label.Alignment;
import io.maskstream.trainer.block.view.Views;
import java.util.List;
import java.util.stream.Stream;

/**
 * What every method does with annotations, so that methods differ in what they do with the other images, and in what they say that they add.
 *
 * <p>A student learns them under weak augmentation: cross-entropy over the pixels with a class, rare classes weighing more. A second
 * network is the moving average of its weights (Polyak and Juditsky, 1992) and is what is released, since the last step of a short training
 * is noisy; where a method has a mean teacher, this is it, unless it says that its
 * teachers are others.
 */
public final class Supervision {
    /** The network that learns. */
    public static final String STUDENT = "student";

    /** The input through which annotated images are seen. */
    public static final String LABELLED_WEAK = "labelled-weak";

    /** Decay of the moving average that is released. */
    public static final Option TEACHER_DECAY = new Option(
            "teacher-decay",
            0.99,
            0,
            0.99999,
            "decay of the moving average of weights, a step; papers have 0.99 to 0.999, the higher ones in longer trainings");

    /** Whether the moving average of weights remembers the start. */
    public static final Option STEADY_AVERAGE = new Option(
            "steady-average",
            0,
            0,
            1,
            "1 lets the start fade from the moving average by its decay alone, 0 warms up, as published");

    /** How much more a pixel of a rare class counts. */
    public static final Option CLASS_BALANCE = new Option(
            "class-balance",
            0.5,
            0,
            1,
            "how annotated pixels weigh: 0 each alike, 1 each class alike, 0.5 by the root between them");

    /** How far the classes of pseudo-labels made in a step are held to the proportions of the annotations. */
    public static final Option ALIGNMENT = new Option(
            "alignment",
            0,
            0,
            1,
            "how far labels made in a step keep the annotated share of each class; none of the papers' own");

    /** When learning from other images begins. */
    public static final Option WAIT = new Option(
            "wait",
            0,
            0,
            0.95,
            "share of a stage before labels made in a step for images without annotation are learned from; none of the papers' own");

    /** Whether images without annotation teach the classifier. */
    public static final Option SPARE_CLASSIFIER = new Option(
            "spare-classifier",
            0,
            0,
            1,
            "1 lets images without annotation teach the features alone, as gta-seg does; none of the other papers' own");

    /** What every method may be set to. */
    public static final List<Option> OPTIONS =
            List.of(TEACHER_DECAY, STEADY_AVERAGE, CLASS_BALANCE, ALIGNMENT, WAIT, SPARE_CLASSIFIER);

    private Supervision() {}

    /** Returns what a method may be set to: its own options, and those of every method. */
    public static List<Option> options(Option... own) {
        return Stream.concat(Stream.of(own), OPTIONS.stream()).toList();
    }

    /**
     * Starts a recipe with the student, its average, and the supervised loss.
     *
     * @param average the name of the moving average
     */
    public static RecipeBuilder of(MethodSettings settings, String average) {
        return of(settings, NetworkSource.START, average);
    }

    /**
     * As {@link #of(MethodSettings, String)}, with a student that is more than a copy of the start.
     *
     * @param student where it comes from; the average has no branches
     */
    public static RecipeBuilder of(MethodSettings settings, NetworkSource student, String average) {
        return of(settings, student, Perturbation.NONE, average);
    }

    /**
     * As {@link #of(MethodSettings, NetworkSource, String)}, with a student whose branches are wired otherwise than in the graph.
     *
     * @param wiring what is changed in every look of the student
     */
    public static RecipeBuilder of(
            MethodSettings settings, NetworkSource student, Perturbation wiring, String average) {
        return networks(settings, student, wiring, average)
                .see(LABELLED_WEAK, Recipe.LABELLED, Views.weak())
                .learn("supervised", STUDENT, LABELLED_WEAK, Recipe.OWN, crossEntropy(settings), Schedule.constant(1));
    }

    /** Returns what annotations are learned by: cross-entropy over the pixels with a class, weighed by {@link #CLASS_BALANCE}. */
    public static LossTerm crossEntropy(MethodSettings settings) {
        return LossTerm.crossEntropy(Reduction.SELECTED, settings.classes().withPower(settings.get(CLASS_BALANCE)));
    }

    /** Returns how the moving average that is released follows the student; other averages may follow alike. */
    public static WeightTransfer averaging(MethodSettings settings) {
        double decay = settings.get(TEACHER_DECAY);
        return settings.get(STEADY_AVERAGE) > 0.5
                ? WeightTransfer.steadyAverage(decay)
                : WeightTransfer.average(decay, Buffers.AVERAGE);
    }

    /** Returns learning from annotations alone: what a method does whose other losses are off, or who has no other images. */
    public static Recipe alone(MethodSettings settings) {
        return of(settings, "average").export("average");
    }

    /** Starts a recipe with the student and its average, who learn nothing yet. */
    public static RecipeBuilder networks(MethodSettings settings, String average) {
        return networks(settings, NetworkSource.START, Perturbation.NONE, average);
    }

    private static RecipeBuilder networks(
            MethodSettings settings, NetworkSource student, Perturbation wiring, String average) {
        double alignment = settings.get(ALIGNMENT);
        return new RecipeBuilder()
                .refine(labelling -> alignment == 0
                        ? null
                        : new Alignment(
                                "alignment of " + labelling, settings.classes().shares(), alignment))
                .waiting(settings.get(WAIT))
                .sparingHead(settings.get(SPARE_CLASSIFIER) > 0.5)
                .learner(STUDENT, student, wiring)
                .follower(average)
                .move(STUDENT, average, averaging(settings));
    }

    /**
     * Returns learning from annotations and, beside them, from the stored labels of images without annotation.
     *
     * @param view in which the student sees those images
     */
    public static Recipe andStored(MethodSettings settings, View view, LossTerm term, double weight) {
        return withStored(of(settings, "average"), view, term, weight).export("average");
    }

    /**
     * Lets the student of a recipe learn the stored labels of images without annotation.
     *
     * @param view in which it sees them
     */
    public static RecipeBuilder withStored(RecipeBuilder recipe, View view, LossTerm term, double weight) {
        return recipe.see("stored", Recipe.UNLABELLED, view)
                .learn("stored-labels", STUDENT, "stored", Recipe.OWN, term, Schedule.constant(weight));
    }
}
