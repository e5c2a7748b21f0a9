package io.maskstream.trainer.method.single;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.round.Looking;
import io.maskstream.trainer.block.round.Round;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AlternatingPlanTest {

    @Test
    void looksAtOneKindOfLabelInEveryStage() {
        for (Method method : List.of(new Gist(), new Rist())) {
            List<Recipe> recipes = method.plan(settings(Map.of())).recipes();

            assertThat(recipes).hasSize(2);
            assertThat(recipes.get(0).usesUnlabelled()).isFalse();
            assertThat(recipes.get(1).phases().get(0).objectives())
                    .allMatch(objective -> recipes.get(1).isUnlabelled(objective.input()));
            assertThat(method.plan(settings(Map.of("stages", 0.0))).recipes()).hasSize(1);
        }
    }

    @Test
    void goesOnFromTheBetterCandidate_andFromPeoplesLabelsInATie() {
        RoundPlan gist = new Gist().plan(settings(Map.of()));

        assertThat(startAfter(gist, .50, .55)).isEqualTo("pseudo-1");
        assertThat(startAfter(gist, .55, .50)).isEqualTo("human-1");
        assertThat(startAfter(gist, .55, .55)).isEqualTo("human-1");
        assertThat(gist.exported(new Scored(List.of(.60, .50, .55)))).isEqualTo("human-0");
        assertThat(gist.exported(new Scored(List.of(.40, .50, .55)))).isEqualTo("pseudo-1");
        assertThat(gist.needed(new Scored(List.of(.60, .50, .55)))).containsExactlyInAnyOrder("human-0", "pseudo-1");
    }

    private static String startAfter(RoundPlan gist, double human, double pseudo) {
        return gist.next(new Scored(List.of(.4, human, pseudo))).orElseThrow().start();
    }

    /** A round of which the first stages had these scores. */
    private record Scored(List<Double> scores) implements Round {
        private static final List<String> NAMES = List.of("human-0", "human-1", "pseudo-1");

        @Override
        public List<Finished> finished() {
            return IntStream.range(0, scores.size())
                    .mapToObj(i -> new Finished(NAMES.get(i), 0.1, OptionalDouble.of(scores.get(i))))
                    .toList();
        }

        @Override
        public Set<String> snapshots() {
            return Set.copyOf(NAMES);
        }

        @Override
        public long seed() {
            return 1;
        }

        @Override
        public int classes() {
            return 3;
        }

        @Override
        public Examples annotated() {
            return pool();
        }

        @Override
        public Examples pool() {
            RgbImage image = new RgbImage(1, 1, Bytes.wrap(new byte[3]));
            return Examples.of(List.of(new Example("one", image, null), new Example("other", image, null)));
        }

        @Override
        public void look(String snapshot, Examples images, List<Integer> indices, Looking how, Onlooker onlooker) {
            throw new AssertionError("a stage of people's labels looks at nothing");
        }

        @Override
        public PoolLabels remembered(String name, Supplier<PoolLabels> maker) {
            return maker.get();
        }
    }

    private static MethodSettings settings(Map<String, Double> options) {
        return new MethodSettings(ClassWeights.equal(3), options, 7);
    }
}
