package io.maskstream.trainer.method.refinement;

import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.label.ClassThresholds;
import io.maskstream.trainer.block.pool.ClassCalibration;
import io.maskstream.trainer.block.round.HoldOut;
import io.maskstream.trainer.block.round.Round;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import io.maskstream.trainer.method.baseline.UniMatch;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * UniMatch with a threshold for each class, measured on annotations that were held out, and with annotated images of weak classes shown
 * more often.
 *
 * <p>Ju et al., "CAFS: Class Adaptive Framework for Semi-Supervised Semantic Segmentation", 2023; later "CASS", IEEE Access 2024. A first
 * stage learns part of the annotations; {@link ClassCalibration} then finds on the rest from which confidence a class is right often
 * enough, and which classes lie below the mean. The second stage learns all annotations and the labels above the thresholds.
 *
 * <p>Departures: the rule behind the thresholds is ours, since only tables were released; the second stage goes on from the first one's
 * network instead of starting anew, so that no step is lost; further those of {@link UniMatch}. What is released is the moving average of
 * the learner.
 *
 * <p>Streaming: thresholds are measured anew in every round, since they hold for one version only, and stay fixed within it; from the
 * second round on the network with which the round begins has learned what is then held out, so they come out lower than they should.
 * Labels are made anew in every step, so the stored ones are not used, and the ramp begins in every round. The router may mask the released
 * model's labels by the same rule on the evaluation split.
 */
public final class ClassAdaptive implements Method {
    private static final Option MOST = Option.threshold(0.95);
    private static final Option RANGE = new Option(
            "threshold-range", 0.1, 0, 1, "how far below the threshold that of a class may lie; 0 is one for all");
    private static final Option ACCURACY =
            new Option("accuracy", 0.95, 0, 1, "share of right labels above a class's threshold; our choice");
    private static final Option HELD_OUT =
            new Option("hold-out", 0.15, 0, 1, "share of the annotated images that thresholds are measured on");
    private static final Option CALIBRATION = new Option(
            "calibration", 0.2, 0, 0.9, "share of the training before the thresholds are measured; our choice");
    private static final Option BACKGROUND =
            new Option("background", 0, -1, 254, "class that is not shown more often however weak it is; -1 is none");

    @Override
    public String name() {
        return "cafs";
    }

    @Override
    public String citation() {
        return "Ju et al.: CAFS: Class Adaptive Framework for Semi-Supervised Semantic Segmentation. arXiv 2303.11606, 2023";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(
                MOST,
                UniMatch.UNLABELLED_WEIGHT,
                UniMatch.RAMP,
                UniMatch.DROPOUT,
                RANGE,
                ACCURACY,
                HELD_OUT,
                CALIBRATION,
                BACKGROUND);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        Recipe alone = Supervision.alone(settings);
        if (settings.get(UniMatch.UNLABELLED_WEIGHT) == 0) {
            return RoundPlan.single(alone);
        }
        return RoundPlan.orAlone(alone, new Calibrated(settings, alone));
    }

    /**
     * Measures between two stages.
     *
     * @param settings of the method
     * @param alone the recipe of the first stage
     */
    private record Calibrated(MethodSettings settings, Recipe alone) implements RoundPlan {
        @Override
        public Optional<Stage> next(Round round) {
            double share = settings.get(CALIBRATION);
            int annotated = round.annotated().size();
            HoldOut holdOut = HoldOut.of(annotated, settings.get(HELD_OUT), round.seed());
            if (round.finished().isEmpty()) {
                return Optional.of(Stage.of("calibration", share, alone).holding(holdOut));
            }
            return round.finished().size() > 1 ? Optional.empty() : Optional.of(adapted(round, holdOut, 1 - share));
        }

        private Stage adapted(Round round, HoldOut holdOut, double share) {
            double most = settings.get(MOST);
            ClassCalibration calibration =
                    round.calibration(round.last(), holdOut.held(), Math.max(0, most - settings.get(RANGE)), most);
            int[] copies = ClassCalibration.copies(calibration.ious(), settings.count(BACKGROUND));
            return Stage.of("adapted", share, recipe(calibration.thresholds(settings.get(ACCURACY))))
                    .learning(ClassCalibration.repeated(round.annotated().masks(), copies));
        }

        private Recipe recipe(List<Double> thresholds) {
            return UniMatch.recipe(settings, "average", ClassThresholds.fixed(thresholds));
        }

        @Override
        public List<Recipe> recipes() {
            int classes = settings.classes().values().size();
            return List.of(alone, recipe(Collections.nCopies(classes, settings.get(MOST))));
        }
    }
}
