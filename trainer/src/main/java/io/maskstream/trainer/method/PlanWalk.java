package io.maskstream.trainer.method;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.round.Looking;
import io.maskstream.trainer.block.round.Round;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The stages of a plan without a training: it is asked for the next stage as in a round, over a few grey pictures on which networks say
 * nothing certain and all stages score alike. A plan that chooses by what it sees may take other stages in a real round.
 *
 * @param stages in order
 * @param exported the snapshot that is released
 * @param poolPasses forward passes over the whole pool between stages
 */
record PlanWalk(List<Stage> stages, String exported, double poolPasses) {
    private static final int IMAGES = 8;
    private static final int SIDE = 32;
    private static final int CLASSES = 3;
    private static final int MOST_STAGES = 100;

    PlanWalk {
        stages = List.copyOf(stages);
    }

    /**
     * Walks through a plan, which cannot be used for a training after it.
     *
     * @throws IllegalStateException if it does not end
     */
    static PlanWalk through(RoundPlan plan) {
        DryRound round = new DryRound();
        for (Optional<Stage> next = plan.next(round); next.isPresent(); next = plan.next(round)) {
            round.forget();
            round.finish(next.get());
            if (round.stages.size() > MOST_STAGES) {
                throw new IllegalStateException("the plan has not ended after " + MOST_STAGES + " stages");
            }
        }
        String exported = plan.exported(round);
        return new PlanWalk(round.stages, exported, round.poolLooks / (double) IMAGES);
    }

    /** A round in which nothing is learned. */
    private static final class DryRound implements Round {
        private final List<Stage> stages = new ArrayList<>();
        private final List<Finished> finished = new ArrayList<>();
        private final Set<String> snapshots = new HashSet<>(Set.of(Stage.ROUND));
        private final Examples annotated = pictures(true);
        private final Examples pool = pictures(false);
        private final Map<String, PoolLabels> remembered = new HashMap<>();
        private final Set<String> asked = new HashSet<>();
        private int poolLooks;

        void finish(Stage stage) {
            stages.add(stage);
            OptionalDouble score = stage.heldOut().isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(0.5);
            finished.add(new Finished(stage.name(), stage.share(), score));
            snapshots.add(stage.name());
            for (int part = 1; part < stage.parts(); part++) {
                snapshots.add(Stage.mark(stage.name(), part, stage.parts()));
            }
        }

        private static Examples pictures(boolean masks) {
            byte[] grey = new byte[3 * SIDE * SIDE];
            byte[] classes = new byte[SIDE * SIDE];
            for (int i = 0; i < classes.length; i++) {
                classes[i] = (byte) (i * CLASSES / classes.length);
            }
            List<Example> examples = new ArrayList<>();
            for (int i = 0; i < IMAGES; i++) {
                examples.add(new Example(
                        "picture-" + i,
                        new RgbImage(SIDE, SIDE, Bytes.wrap(grey)),
                        masks ? new Mask(SIDE, SIDE, Bytes.wrap(classes)) : null));
            }
            return Examples.of(examples);
        }

        @Override
        public List<Finished> finished() {
            return List.copyOf(finished);
        }

        @Override
        public Set<String> snapshots() {
            return Set.copyOf(snapshots);
        }

        @Override
        public long seed() {
            return 1;
        }

        @Override
        public int classes() {
            return CLASSES;
        }

        @Override
        public Examples annotated() {
            return annotated;
        }

        @Override
        public Examples pool() {
            return pool;
        }

        @Override
        public void look(String snapshot, Examples images, List<Integer> indices, Looking how, Onlooker onlooker) {
            if (images == pool) {
                poolLooks += indices.size() * how.scales().size() * (how.flip() ? 2 : 1);
            }
            for (int index : indices) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor uncertain = torch.arange(new Scalar(0.0), new Scalar((double) CLASSES * SIDE * SIDE))
                            .remainder(new Scalar(7.0))
                            .reshape(1, CLASSES, SIDE, SIDE)
                            .softmax(1);
                    onlooker.saw(index, uncertain);
                }
            }
        }

        @Override
        public PoolLabels remembered(String name, Supplier<PoolLabels> maker) {
            asked.add(name);
            PoolLabels known = remembered.get(name);
            if (known == null) {
                known = maker.get();
                remembered.put(name, known);
            }
            return known;
        }

        /** Forgets labels that were not asked for since this was last called, as a real round does. */
        void forget() {
            remembered.keySet().retainAll(asked);
            asked.clear();
        }
    }
}
