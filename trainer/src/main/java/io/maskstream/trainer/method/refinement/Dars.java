package io.maskstream.trainer.method.refinement;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.pool.ClassQuota;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.round.Looking;
import io.maskstream.trainer.block.round.Round;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.block.view.CutOut;
import io.maskstream.trainer.block.view.Views;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.method.Supervision;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Pseudo-labels that follow the class distribution of the annotations: a quota of pixels a class, met by a threshold and a random drop
 * above it; the share of the pool that is labelled grows, and so does the perturbation.
 *
 * <p>He, Yang, Qi, "Re-distributing Biased Pseudo Labels for Semi-supervised Semantic Segmentation: A Baseline Investigation", ICCV 2021.
 * Three trainings of equal length, each from the one before: annotations alone, then twice with the pool labelled by the last.
 *
 * <p>Departures: the learning rate starts again in every training, where the authors go on in their schedule; the pool is looked at whole and
 * mirrored, not in windows, and probabilities are averaged in place of scores; perturbation is none in the second training and colours and a
 * box cut out in the third, since the paper's steps are not public. The auxiliary scores of the authors' network are left out, since a graph
 * that is brought has none.
 *
 * <p>Streaming: quotas are a property of a set, so the pool is labelled anew in each round by the network that serves, and stored labels of
 * the stream are not used; nothing but the network lasts. The router can use the thresholds by class of the last quota.
 */
public final class Dars implements Method {
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option FIRST_RATIO =
            new Option("first-ratio", 0.4, 0, 1, "share of the pixels labelled at first");
    private static final Option LAST_RATIO =
            new Option("last-ratio", 0.5, 0, 1, "share of the pixels labelled at last");
    private static final Option LOOKS =
            new Option("test-time-augmentation", 1, 0, 2, "0 none, 1 mirrored, 2 five scales and mirrored");

    @Override
    public String name() {
        return "dars";
    }

    @Override
    public String citation() {
        return "He, Yang, Qi: Re-distributing Biased Pseudo Labels for Semi-supervised Semantic Segmentation. ICCV 2021";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, FIRST_RATIO, LAST_RATIO, LOOKS);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        Recipe alone = Supervision.alone(settings);
        if (settings.get(UNLABELLED_WEIGHT) == 0) {
            return RoundPlan.single(alone);
        }
        View strong = Views.weak().then(Views.strong()).then(new CutOut(0.5, 0.02, 0.4));
        return RoundPlan.orAlone(
                alone,
                new Trainings(
                        List.of(alone, both(settings, Views.weak()), both(settings, strong)),
                        List.of(settings.get(FIRST_RATIO), settings.get(LAST_RATIO)),
                        Looking.level(settings.count(LOOKS))));
    }

    private static Recipe both(MethodSettings settings, View view) {
        return Supervision.andStored(
                settings, view, LossTerm.crossEntropy(Reduction.SELECTED), settings.get(UNLABELLED_WEIGHT));
    }

    /** A training on annotations, and one for each ratio. */
    private record Trainings(List<Recipe> recipes, List<Double> ratios, Looking looking) implements RoundPlan {
        @Override
        public Optional<Stage> next(Round round) {
            int done = round.finished().size();
            if (done == recipes.size()) {
                return Optional.empty();
            }
            Stage stage = Stage.of("training-" + (done + 1), 1.0 / recipes.size(), recipes.get(done));
            if (done == 0) {
                return Optional.of(stage);
            }
            PoolLabels labels = round.label(round.last(), looking);
            double[] prior = ClassQuota.prior(round.annotated(), round.classes());
            return Optional.of(
                    stage.on(ClassQuota.of(labels, prior, ratios.get(done - 1)).applied(labels, round.seed() + done)));
        }

        @Override
        public Set<String> needed(Round round) {
            return Set.of(round.last());
        }
    }
}
