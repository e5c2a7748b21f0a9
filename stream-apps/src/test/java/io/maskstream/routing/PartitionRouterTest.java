package io.maskstream.routing;

import static io.maskstream.routing.RoutingExamples.candidate;
import static io.maskstream.routing.RoutingExamples.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.RoutingMemory;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.ThresholdKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PartitionRouterTest {
    private static final RoutingPolicy QUANTILES = policy().setThresholds(ThresholdKind.QUANTILE)
            .setLearnAtMost(0.5)
            .setAskAtLeast(0.9)
            .build();

    private static Decision decide(PartitionRouter router, String id, double score, String version, int round) {
        return router.decide(candidate(id, score, version, round, 0), QUANTILES).decision();
    }

    private static void feed(PartitionRouter router, String version, int round, int scores) {
        for (int i = 0; i < scores; i++) {
            decide(router, version + "-" + i, i / (double) (scores - 1), version, round);
        }
    }

    @Test
    void readsQuantilesOfTheScoresSeenBefore() {
        PartitionRouter router = new PartitionRouter(1, "salt");
        feed(router, "v1", 1, 101); // 0.00, 0.01, ..., 1.00
        Decision next = decide(router, "next", 0.3, "v1", 1);
        assertThat(next.getLearnAtMost()).isCloseTo(0.5, within(1e-12));
        assertThat(next.getAskAtLeast()).isCloseTo(0.9, within(1e-12));
        assertThat(next.getReason()).isEqualTo(Reason.CONFIDENT);
    }

    @Test
    void decidesNothing_untilEnoughScoresWereSeen() {
        PartitionRouter router = new PartitionRouter(1, "salt");
        for (int i = 0; i < ScoreWindow.ENOUGH; i++) {
            assertThat(decide(router, "a" + i, i / 100.0, "v1", 1).getReason()).isEqualTo(Reason.UNDECIDED);
        }
        assertThat(decide(router, "low", 0.0, "v1", 1).getReason()).isEqualTo(Reason.CONFIDENT);
    }

    @Test
    void usesTheWindowOfTheVersionBefore_afterASwap() {
        PartitionRouter router = new PartitionRouter(1, "salt");
        feed(router, "v1", 1, 101);
        Decision first = decide(router, "n", 0.95, "v2", 2);
        assertThat(first.getReason()).isEqualTo(Reason.UNCERTAIN);
        assertThat(first.getAskAtLeast()).isCloseTo(0.9, within(1e-12));
        for (int i = 0; i < ScoreWindow.ENOUGH - 1; i++) {
            decide(router, "m" + i, 0.01, "v2", 2);
        }
        assertThat(decide(router, "own", 0.5, "v2", 2).getAskAtLeast()).isCloseTo(0.01, within(1e-12));
    }

    @Test
    void neverJudgesATrainedModelByTheStartingModelsScores() {
        PartitionRouter router = new PartitionRouter(1, "salt");
        feed(router, "v0", 0, 101);
        assertThat(decide(router, "n", 0.01, "v1", 1).getReason()).isEqualTo(Reason.UNDECIDED);
    }

    @Test
    void forgetsOldScores_whenTheWindowIsFull() {
        PartitionRouter router = new PartitionRouter(1, "salt");
        for (int i = 0; i < 600; i++) {
            decide(router, "old" + i, 0.9, "v1", 1);
        }
        for (int i = 0; i < ScoreWindow.CAPACITY; i++) {
            decide(router, "new" + i, 0.1, "v1", 1);
        }
        assertThat(decide(router, "n", 0.5, "v1", 1).getAskAtLeast()).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void startsANewWindow_whenThePolicyJudgesByAnotherScore() {
        PartitionRouter router = new PartitionRouter(1, "salt");
        feed(router, "v1", 1, 101);
        RoutingPolicy other =
                RoutingPolicy.newBuilder(QUANTILES).setScore("entropy").build();
        Candidate image = new Candidate("n", "s", "00", "v1", 1, Map.of("entropy", 0.95), null, 0);
        assertThat(router.decide(image, other).decision().getReason()).isEqualTo(Reason.UNDECIDED);
    }

    @Test
    void namesTheScoresThereAre_whenThePolicysIsMissing() {
        PartitionRouter router = new PartitionRouter(1, "salt");
        RoutingPolicy other = policy().setScore("ghost").build();
        assertThatThrownBy(() -> router.decide(candidate("img-3", 0.4), other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("img-3")
                .hasMessageContaining("ghost")
                .hasMessageContaining("[regions]");
        assertThatThrownBy(() -> router.decide(candidate("nan", Double.NaN), policy().build()))
                .hasMessageContaining("NaN");
    }

    @Test
    void decidesTheSame_whenRestoredHalfWay() {
        List<Candidate> images = mixed(3000);
        PartitionRouter whole = new PartitionRouter(4, "salt");
        List<Decision> expected = new ArrayList<>();
        images.forEach(image -> expected.add(whole.decide(image, drawing()).decision()));

        Map<String, Double> scores = new HashMap<>();
        List<Decision> found = new ArrayList<>();
        PartitionRouter router = new PartitionRouter(4, "salt");
        for (int i = 0; i < images.size(); i++) {
            Decision decision = router.decide(images.get(i), drawing()).decision();
            found.add(decision);
            scores.put(router.lastSlotKey(), decision.getScoreValue());
            if (i % 97 == 0) {
                RoutingMemory memory = router.memory();
                router = new PartitionRouter(4, "salt");
                router.restore(memory, scores::get);
            }
        }
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void neverSpendsMoreThanTheBudget_overThePartitionsOfAStream() {
        RoutingPolicy policy =
                policy().setAskAtLeast(0.3).setBurst(10).setTasksPerHour(120).build();
        PartitionRouter[] routers = new PartitionRouter[4];
        for (int p = 0; p < routers.length; p++) {
            routers[p] = new PartitionRouter(routers.length, "salt");
        }
        int asked = 0;
        for (int i = 0; i < 7200; i++) { // one a second for two hours, round robin, all uncertain
            Candidate image = candidate("i" + i, 0.9, "v1", 1, i * 1000L);
            if (routers[i % 4].decide(image, policy).decision().getReason() == Reason.UNCERTAIN) {
                asked++;
            }
        }
        // 10 at once, 120 an hour for the 7,199 s that pass; a partition may still hold less than one token
        assertThat(asked).isBetween(10 + 239 - 4, 10 + 239);
    }

    private static RoutingPolicy drawing() {
        return RoutingPolicy.newBuilder(QUANTILES)
                .setAuditShare(0.1)
                .setRandomArmShare(0.05)
                .setEvaluationShare(0.1)
                .setColdStartShare(0.3)
                .setBurst(8)
                .setTasksPerHour(60)
                .build();
    }

    /** Three model versions one after another, the first untrained, over a few hours. */
    private static List<Candidate> mixed(int count) {
        Random random = new Random(11);
        List<Candidate> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int round = i / (count / 3);
            images.add(candidate("img-" + i, random.nextDouble(), "v" + round, round, i * 5000L));
        }
        return images;
    }
}
