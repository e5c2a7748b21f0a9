package io.maskstream.trainer.method.single;

import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.round.ImageScorer;
import io.maskstream.trainer.block.round.Looking;
import io.maskstream.trainer.block.round.Ranking;
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
import java.util.SortedMap;

/**
 * Self-training in three trainings from the same start: on annotations; with the half of the pool whose labels changed least between
 * checkpoints of the first; with all of it, the other half labelled by the second. Strong views of pseudo-labelled images keep the student
 * from copying its teacher.
 *
 * <p>Yang et al., "ST++: Make Self-training Work Better for Semi-supervised Semantic Segmentation", CVPR 2022; stability is survey eq. 3.
 *
 * <p>Departures: the three trainings share the round's steps equally; a step has as many annotated as other images, as repeating the
 * annotated list gives on average; the moving average stands for the best checkpoint by a held-out set; a box that is cut out is grey and
 * not noise; pool images are looked at as they are and mirrored, since the authors' five scales cost eight times as much and the smallest
 * would be tiny at our sizes ({@code test-time-augmentation} 2 has them).
 *
 * <p>Streaming: each round is such a training from the network that serves, and nothing else lasts. Stored labels of the stream are not
 * used; the pool is labelled anew. The router can use stability across released versions in place of checkpoints.
 */
public final class StPlusPlus implements Method {
    private static final Option UNLABELLED_WEIGHT = Option.unlabelledWeight(1);
    private static final Option RELIABLE =
            new Option("reliable", 0.5, 0, 1, "share of the pool that the second training has");
    private static final Option CHECKPOINTS =
            new Option("checkpoints", 3, 2, 20, "labels of the first training compared");
    private static final Option LOOKS =
            new Option("test-time-augmentation", 1, 0, 2, "0 none, 1 mirrored, 2 five scales and mirrored; ours");

    @Override
    public String name() {
        return "st++";
    }

    @Override
    public String citation() {
        return "Yang et al.: ST++: Make Self-training Work Better for Semi-supervised Semantic Segmentation. CVPR 2022";
    }

    @Override
    public List<Option> options() {
        return Supervision.options(UNLABELLED_WEIGHT, RELIABLE, CHECKPOINTS, LOOKS);
    }

    @Override
    public RoundPlan plan(MethodSettings settings) {
        Recipe alone = Supervision.alone(settings);
        double weight = settings.get(UNLABELLED_WEIGHT);
        if (weight == 0) {
            return RoundPlan.single(alone);
        }
        View strong = Views.weak().then(Views.strong()).then(new CutOut(0.5, 0.02, 0.4));
        Recipe union = Supervision.andStored(settings, strong, LossTerm.crossEntropy(Reduction.SELECTED), weight);
        return RoundPlan.orAlone(
                alone,
                new Trainings(
                        alone,
                        union,
                        settings.count(CHECKPOINTS),
                        settings.get(RELIABLE),
                        Looking.level(settings.count(LOOKS))));
    }

    /** The three trainings. */
    private record Trainings(Recipe alone, Recipe union, int checkpoints, double reliable, Looking looking)
            implements RoundPlan {
        private static final String FIRST = "annotated";
        private static final String SECOND = "reliable";
        private static final double SHARE = 1.0 / 3;

        @Override
        public Optional<Stage> next(Round round) {
            int done = round.finished().size();
            if (done == 0) {
                return Optional.of(
                        Stage.of(FIRST, SHARE, alone).from(Stage.ROUND).marking(checkpoints));
            }
            if (done > 2) {
                return Optional.empty();
            }
            PoolLabels half = round.remembered(SECOND, () -> reliableHalf(round));
            return Optional.of(Stage.of(done == 1 ? SECOND : "all", SHARE, union)
                    .from(Stage.ROUND)
                    .on(done == 1 ? half : round.completed(half, SECOND, looking)));
        }

        private PoolLabels reliableHalf(Round round) {
            SortedMap<Integer, Double> stability =
                    ImageScorer.checkpointStability().scores(round, Stage.marks(FIRST, checkpoints));
            return round.label(FIRST, Ranking.of(stability, reliable).best(), looking);
        }

        @Override
        public List<Recipe> recipes() {
            return List.of(alone, union);
        }
    }
}
