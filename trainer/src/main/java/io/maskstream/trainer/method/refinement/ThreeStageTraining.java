package io.maskstream.trainer.method.refinement;

import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.trainer.block.Branch;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.block.WeightTransfer;
import io.maskstream.trainer.block.WeightTransfer.Buffers;
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
import io.maskstream.trainer.network.Taps;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Stored pseudo-labels teach an auxiliary branch alone, while the network's own head follows its moving average.
 *
 * <p>Ke et al., "A Three-Stage Self-Training Framework for Semi-Supervised Semantic Segmentation", TIP 31, 2022. A first stage learns
 * from annotations and labels the pool. In the second a whole decoder of its own learns those labels, which are noisy: the shared
 * features profit from the structure in them, the released head never sees them. The third does the same anew, with the better labels of
 * the second and an auxiliary branch that is a classifier only.
 *
 * <p>Departures: consistency and stored labels concern images without annotation only, as annotated ones have better labels; the
 * annotated loss has weight 1, which is the paper's other setting at an unlabelled weight of 2; the auxiliary branch of the second stage
 * forks at the deepest features; its further output, which is no class, is left out; the strong view is of colour and one box cut out where
 * the paper cuts three, without moving; the stage's lengths are shares. The decay of the teacher rises over a stage as in the paper; what is released is
 * an average of the decay that all methods have.
 *
 * <p>Streaming: the first round has three stages. A later one, if it starts from what this method released, is the third stage alone: the
 * pool is labelled anew by the version that the round starts from, which is at least as new as the labels stored in the stream, and networks
 * and clock go on. The router needs nothing beyond the released model.
 */
public final class ThreeStageTraining implements Method {
    private static final String AUXILIARY = "auxiliary";
    private static final String FIRST = "annotated";
    private static final String DEEP = "deep-branch";
    private static final String LIGHT = "light-branch";

    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option FIRST_SHARE =
            new Option("first-share", 1.0 / 7, 0.01, 0.9, "share of the first stage; the others are equal");

    /** The decay of the teacher, by share of the stage: 20, 20, 10 and 10 of 60 epochs. */
    static final Schedule DECAY =
            Schedule.stairs(new TreeMap<>(Map.of(0.0, 0.99, 20 / 60.0, 0.995, 40 / 60.0, 0.9975, 50 / 60.0, 0.999)));

    @Override
    public String name() {
        return "three-stage";
    }

    @Override
    public String citation() {
        return "Ke et al.: A Three-Stage Self-Training Framework for Semi-Supervised Semantic Segmentation. TIP 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, FIRST_SHARE);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        Recipe annotated = Supervision.of(settings, "average").export("average");
        if (settings.get(UNLABELLED_WEIGHT) == 0) {
            return RoundPlan.single(annotated);
        }
        Branch decoder = Branch.decoder(AUXILIARY, Taps.ENCODER, ExtraBranches.Start.FRESH);
        Branch classifier = Branch.head(AUXILIARY, Taps.DECODER, 0);
        Stages stages = new Stages(
                annotated, recipe(settings, decoder), recipe(settings, classifier), settings.get(FIRST_SHARE));
        return RoundPlan.orAlone(annotated, stages);
    }

    private static Recipe recipe(MethodSettings settings, Branch auxiliary) {
        LossTerm entropy = LossTerm.crossEntropy(Reduction.SELECTED);
        Schedule quarter = Schedule.constant(settings.get(UNLABELLED_WEIGHT) / 4); // half of the mean of two terms
        return Supervision.of(settings, NetworkSource.START.with(auxiliary), "average")
                .follower("teacher")
                .see("weak", Recipe.UNLABELLED, Views.weak())
                .see("strong", "weak", Views.strong().then(new CutOut(1, 0.01, 0.1)))
                .label("expected", "teacher", "weak")
                .learn("consistency", Supervision.STUDENT, "strong", "expected", entropy, quarter)
                .learn("stored", Supervision.STUDENT, "strong", Recipe.OWN, entropy.on(AUXILIARY), quarter)
                .move(Supervision.STUDENT, "teacher", WeightTransfer.average(DECAY, Buffers.AVERAGE))
                .export("average");
    }

    /** The order of the stages, and who labels for which. */
    private record Stages(Recipe annotated, Recipe deep, Recipe light, double firstShare) implements RoundPlan {
        @Override
        public Optional<Stage> next(Round round) {
            if (round.snapshots().contains(Round.before(LIGHT))) {
                return round.finished().isEmpty() ? Optional.of(last(round, 1)) : Optional.empty();
            }
            double rest = (1 - firstShare) / 2;
            return switch (round.finished().size()) {
                case 0 -> Optional.of(Stage.of(FIRST, firstShare, annotated));
                case 1 ->
                    Optional.of(Stage.of(DEEP, rest, deep).from(Stage.ROUND).on(labels(round)));
                case 2 -> Optional.of(last(round, rest));
                default -> Optional.empty();
            };
        }

        private Stage last(Round round, double share) {
            return Stage.of(LIGHT, share, light)
                    .from(Stage.ROUND)
                    .on(labels(round))
                    .goingOn();
        }

        private static PoolLabels labels(Round round) {
            String giver = round.last();
            return round.remembered("labels by " + giver, () -> round.label(giver, Looking.PLAIN));
        }

        @Override
        public List<Recipe> recipes() {
            return List.of(annotated, deep, light);
        }

        @Override
        public Set<String> kept(Round round) {
            return Set.of(LIGHT);
        }
    }
}
