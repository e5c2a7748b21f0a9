package io.maskstream.trainer.method.single;

import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.trainer.block.Branch;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Giver;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Look;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.auxiliary.ErrorLocalisation;
import io.maskstream.trainer.block.loss.KeptWorse;
import io.maskstream.trainer.block.loss.PixelContrast;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.view.PhotometricView;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import io.maskstream.trainer.network.Taps;
import java.util.List;

/**
 * A second network learns on annotated images where predictions are wrong, and pseudo-labels are dropped where it thinks them so.
 *
 * <p>Kwon and Kwak, "Semi-supervised Semantic Segmentation with Error Localization Network", CVPR 2022. A trained network errs little on
 * its own annotations, so decoders that are kept worse on purpose supply errors to learn from. What is left of the mean teacher's labels is
 * learned from two views and by contrast of pixels.
 *
 * <p>Three phases, as shares of the training: the student alone; then the worse decoders and the localisation on annotated images; then the
 * pseudo-labels too.
 *
 * <p>Departures: the worse decoders begin anew, are cut off from all features they read, and get no gradient through skip connections
 * either; the localisation network is small, and the projection has a 3x3 convolution where the paper's has 1x1 alone; the
 * teacher's decay is 0.99 where the paper's is 0.995 in a longer training; windows of contrast cover a quarter of a side, as
 * the paper's 32 of 127 do, on a map averaged over squares of 4 pixels; hue stays; the student is never overwritten by its teacher, which the released code does and the paper
 * does not say. The teacher carries the projection, so what is released is a second average without it.
 *
 * <p>Streaming: all networks and the clock go on over rounds, so a later round is in its last phase from the first step. Labels are made
 * in every step; the stored ones serve routing. The localisation network would be the best score a router could have, and is not exported:
 * the router uses the released model alone.
 */
public final class ErrorLocalisationTraining implements Method {
    private static final String TEACHER = "teacher";
    private static final String LOCALISER = "localiser";
    private static final String PROJECTION = "projection";

    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option CONTRAST =
            new Option("contrast", 1, 0, 100, "weight of the contrast, as a multiple of the unlabelled weight");
    private static final Option LOCALISE_FROM =
            new Option("localise-from", 0.1, 0, 1, "share of the training that the student learns alone; our choice");
    private static final Option LABEL_FROM =
            new Option("label-from", 0.3, 0, 1, "share of the training before pseudo-labels count; our choice");
    private static final List<Option> WORSE = List.of(
            new Option("worse-1", 20, 1, 1e4, "how many times worse the first auxiliary decoder stays"),
            new Option("worse-2", 50, 1, 1e4, "how many times worse the second auxiliary decoder stays"));
    private static final Option WIDTH =
            new Option("localiser-width", 16, 1, 512, "channels of the localisation network; our choice");
    private static final Option DIMENSIONS =
            new Option("projection-width", 32, 1, 512, "numbers in a pixel's embedding; our choice, 128 in the paper");
    private static final Option WINDOWS = new Option("windows", 8, 1, 64, "windows of contrast a step");
    private static final Option TEMPERATURE = new Option("temperature", 0.5, 1e-2, 10, "of the contrast");

    @Override
    public String name() {
        return "eln";
    }

    @Override
    public String citation() {
        return "Kwon, Kwak: Semi-supervised Semantic Segmentation with Error Localization Network. CVPR 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(
                UNLABELLED_WEIGHT,
                CONTRAST,
                LOCALISE_FROM,
                LABEL_FROM,
                WORSE.get(0),
                WORSE.get(1),
                WIDTH,
                DIMENSIONS,
                WINDOWS,
                TEMPERATURE);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        int dimensions = settings.count(DIMENSIONS);
        Branch projection = Branch.projection(PROJECTION, Taps.DECODER, dimensions, dimensions);
        NetworkSource student = NetworkSource.START.with(worse(1), worse(2), projection);
        Perturbation cutOff = Perturbation.detached(name(1), name(2));
        double weight = settings.get(UNLABELLED_WEIGHT);
        RecipeBuilder recipe = Supervision.of(settings, student, cutOff, "average")
                .follower(TEACHER, NetworkSource.START.with(projection))
                .learner(LOCALISER, ErrorLocalisation.source(settings.count(WIDTH)))
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("colour", "weak", new PhotometricView(0.4, 0.4, 0.4, 1, 0.2, 0, 0))
                .label(new Labelling(
                        "believed",
                        List.of(
                                new Giver(TEACHER, Look.PLAIN),
                                new Giver(LOCALISER, ErrorLocalisation.reading(TEACHER, false, ErrorLocalisation.OWN))),
                        "weak",
                        false,
                        ErrorLocalisation.believed(),
                        List.of()))
                .move(Supervision.STUDENT, TEACHER, Supervision.averaging(settings));
        localise(recipe, settings, Schedule.constant(weight).after(settings.get(LOCALISE_FROM)));
        Schedule labelled = Schedule.constant(weight).after(settings.get(LABEL_FROM));
        Schedule contrasted = Schedule.constant(weight * settings.get(CONTRAST)).after(settings.get(LABEL_FROM));
        PixelContrast contrast =
                new PixelContrast(PROJECTION, settings.count(WINDOWS), 0.25, 4, settings.get(TEMPERATURE));
        for (String view : List.of("weak", "colour")) {
            recipe.learn(
                            "pseudo-label-" + view,
                            Supervision.STUDENT,
                            view,
                            "believed",
                            LossTerm.crossEntropy(Reduction.SELECTED),
                            labelled)
                    .learn("contrast-" + view, Supervision.STUDENT, view, "believed", contrast, contrasted);
        }
        return RoundPlan.single(recipe.export("average"));
    }

    /** The worse decoders learn, and the localisation network from their predictions and the student's own. */
    private static void localise(RecipeBuilder recipe, MethodSettings settings, Schedule weight) {
        LossTerm annotated = LossTerm.crossEntropy(Reduction.SELECTED);
        for (int k = 1; k <= WORSE.size(); k++) {
            KeptWorse kept = new KeptWorse(annotated, name(k), settings.get(WORSE.get(k - 1)));
            recipe.learn(name(k), Supervision.STUDENT, Supervision.LABELLED_WEAK, Recipe.OWN, kept, weight);
        }
        for (String speaker : List.of(ErrorLocalisation.OWN, name(1), name(2))) {
            recipe.learn(
                    "rightness" + (speaker.isEmpty() ? "" : "-" + speaker),
                    LOCALISER,
                    Supervision.LABELLED_WEAK,
                    ErrorLocalisation.reading(Supervision.STUDENT, true, speaker),
                    Recipe.OWN,
                    ErrorLocalisation.rightness(speaker),
                    weight);
        }
    }

    private static String name(int k) {
        return "worse-" + k;
    }

    private static Branch worse(int k) {
        return Branch.decoder(name(k), Taps.ENCODER, ExtraBranches.Start.FRESH);
    }
}
