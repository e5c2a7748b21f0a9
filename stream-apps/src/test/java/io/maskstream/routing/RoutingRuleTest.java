package io.maskstream.routing;

import static io.maskstream.routing.RoutingExamples.candidate;
import static io.maskstream.routing.RoutingExamples.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.routing.RoutingRule.Ruling;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.Split;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoutingRuleTest {
    private static final int MANY = 10_000;

    private static Ruling decide(Candidate image, RoutingPolicy policy) {
        TokenBucket bucket = TokenBucket.full(policy, 1, image.atMillis());
        Thresholds thresholds = new Thresholds(policy.getLearnAtMost(), policy.getAskAtLeast());
        return RoutingRule.decide(image, image.score(policy.getScore()), policy, thresholds, bucket, "salt");
    }

    private static Map<Reason, Integer> reasonsOfMany(RoutingPolicy policy, double score, int round) {
        Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
        for (int i = 0; i < MANY; i++) {
            Ruling ruling = decide(candidate("img-" + i, score, "v", round, 0), policy);
            counts.merge(ruling.reason(), 1, Integer::sum);
        }
        return counts;
    }

    /** Four standard deviations of a binomial count: a fair draw leaves it once in 16,000 salts. */
    private static void assertShare(int count, int of, double share) {
        assertThat((double) count).isCloseTo(of * share, within(4 * Math.sqrt(of * share * (1 - share))));
    }

    @Test
    void learns_whenTheScoreIsAtTheLowerThreshold() {
        Ruling ruling = decide(candidate("a", 0.2), policy().build());
        assertThat(ruling.route()).isEqualTo(Route.LEARN);
        assertThat(ruling.reason()).isEqualTo(Reason.CONFIDENT);
        assertThat(ruling.split()).isEqualTo(Split.TRAIN);
        assertThat(ruling.inclusionProbability()).isZero();
    }

    @Test
    void setsAside_whenTheScoreIsBetweenTheThresholds() {
        Ruling ruling = decide(candidate("a", 0.5), policy().build());
        assertThat(ruling.route()).isEqualTo(Route.SET_ASIDE);
        assertThat(ruling.reason()).isEqualTo(Reason.UNDECIDED);
    }

    @Test
    void asksAPersonAndTakesAToken_whenTheScoreIsAtTheUpperThreshold() {
        Ruling ruling = decide(candidate("a", 0.8), policy().build());
        assertThat(ruling.route()).isEqualTo(Route.ASK_PERSON);
        assertThat(ruling.reason()).isEqualTo(Reason.UNCERTAIN);
        assertThat(ruling.inclusionProbability()).isEqualTo(1);
        assertThat(ruling.priority()).isEqualTo(0.9);
        assertThat(ruling.bucket().tokens()).isEqualTo(999);
    }

    @Test
    void setsAside_whenTheBudgetIsSpent() {
        Ruling ruling = decide(candidate("a", 0.9), policy().setBurst(0).build());
        assertThat(ruling.route()).isEqualTo(Route.SET_ASIDE);
        assertThat(ruling.reason()).isEqualTo(Reason.OVER_BUDGET);
    }

    @Test
    void drawsTheEvaluationSplitByTheBytes_whateverTheScoreAndTheModel() {
        RoutingPolicy policy =
                policy().setEvaluationShare(0.1).setColdStartShare(1).build();
        int drawn = reasonsOfMany(policy, 0.1, 3).getOrDefault(Reason.EVALUATION, 0);
        assertShare(drawn, MANY, 0.1);
        assertThat(reasonsOfMany(policy, 0.9, 0)).containsEntry(Reason.EVALUATION, drawn);
        for (int i = 0; i < 500; i++) {
            Candidate one = candidate("img-" + i, 0.1);
            Candidate copy =
                    new Candidate("copy-" + i, "elsewhere", one.sha256(), "v9", 4, one.scores(), null, one.atMillis());
            assertThat(decide(copy, policy).split())
                    .isEqualTo(decide(one, policy).split());
        }
    }

    @Test
    void asksForEveryImageOfTheEvaluationSplit_whenTheBudgetIsSpent() {
        RoutingPolicy policy = policy().setEvaluationShare(1).setBurst(0).build();
        Ruling ruling = decide(candidate("a", 0.1), policy);
        assertThat(ruling.route()).isEqualTo(Route.ASK_PERSON);
        assertThat(ruling.reason()).isEqualTo(Reason.EVALUATION);
        assertThat(ruling.split()).isEqualTo(Split.EVALUATION);
        assertThat(ruling.inclusionProbability()).isEqualTo(1);
    }

    @Test
    void asksTheColdStartShareAndBelievesNothing_whenTheModelHasLearnedNothing() {
        Map<Reason, Integer> counts =
                reasonsOfMany(policy().setColdStartShare(0.3).build(), 0.01, 0);
        assertThat(counts).containsOnlyKeys(Reason.COLD_START, Reason.NO_CHAMPION);
        assertShare(counts.getOrDefault(Reason.COLD_START, 0), MANY, 0.3);
    }

    @Test
    void auditsTheShareOfCertainImagesOnly_andDoesNotLearnFromThem() {
        RoutingPolicy policy = policy().setAuditShare(0.02).build();
        Map<Reason, Integer> certain = reasonsOfMany(policy, 0.1, 1);
        assertThat(certain).containsOnlyKeys(Reason.AUDIT, Reason.CONFIDENT);
        assertShare(certain.getOrDefault(Reason.AUDIT, 0), MANY, 0.02);
        assertThat(reasonsOfMany(policy, 0.5, 1)).containsOnlyKeys(Reason.UNDECIDED);
    }

    @Test
    void drawsTheRandomArmWhateverTheScore_asFarAsTheBudgetReaches() {
        RoutingPolicy policy = policy().setRandomArmShare(0.05).build();
        int amongCertain = reasonsOfMany(policy, 0.1, 1).getOrDefault(Reason.RANDOM_ARM, 0);
        assertShare(amongCertain, MANY, 0.05);
        assertThat(reasonsOfMany(policy, 0.9, 1)).containsEntry(Reason.RANDOM_ARM, amongCertain);
        RoutingPolicy spent = policy().setRandomArmShare(0.05).setBurst(0).build();
        assertThat(reasonsOfMany(spent, 0.1, 1)).containsOnlyKeys(Reason.CONFIDENT);
    }

    @Test
    void drawsIndependently_whenAnImageIsInSeveralLotteries() {
        int audit = 0;
        int both = 0;
        for (int i = 0; i < MANY; i++) {
            boolean audited = Draw.AUDIT.takes("img-" + i, "salt", 0.2);
            audit += audited ? 1 : 0;
            both += audited && Draw.RANDOM_ARM.takes("img-" + i, "salt", 0.2) ? 1 : 0;
        }
        assertShare(audit, MANY, 0.2);
        assertShare(both, MANY, 0.04);
    }

    @Test
    void drawsOthers_whenTheSaltIsAnother() {
        int agree = 0;
        for (int i = 0; i < MANY; i++) {
            agree += Draw.AUDIT.takes("img-" + i, "one", 0.5) == Draw.AUDIT.takes("img-" + i, "two", 0.5) ? 1 : 0;
        }
        assertShare(agree, MANY, 0.5);
    }

    @Test
    void drawsTheSameNumber_asEver() {
        // SHA-256 of "AUDIT", 0, "salt", 0, "img-7", its first 53 bits over 2^53; computed with Python's hashlib
        assertThat(Draw.AUDIT.number("img-7", "salt")).isEqualTo(0.9810632470597493);
    }

    @Test
    void combinesTheDraws_inTheInclusionProbability() {
        RoutingPolicy policy = policy().setEvaluationShare(0.1)
                .setRandomArmShare(0.2)
                .setAuditShare(0.5)
                .setColdStartShare(0.4)
                .build();
        assertThat(decide(candidate("a", 0.1), policy).inclusionProbability())
                .isCloseTo(1 - 0.9 * 0.8 * 0.5, within(1e-12));
        assertThat(decide(candidate("a", 0.5), policy).inclusionProbability()).isCloseTo(1 - 0.9 * 0.8, within(1e-12));
        assertThat(decide(candidate("a", 0.5, "v0", 0, 0), policy).inclusionProbability())
                .isCloseTo(1 - 0.9 * 0.6, within(1e-12));
    }
}
