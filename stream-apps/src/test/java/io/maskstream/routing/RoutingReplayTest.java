package io.maskstream.routing;

import static io.maskstream.routing.RoutingExamples.candidate;
import static io.maskstream.routing.RoutingExamples.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.ThresholdKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoutingReplayTest {
    private static final RoutingPolicy DRAWING = policy().setThresholds(ThresholdKind.QUANTILE)
            .setLearnAtMost(0.5)
            .setAskAtLeast(0.9)
            .setAuditShare(0.1)
            .setRandomArmShare(0.05)
            .setEvaluationShare(0.1)
            .setColdStartShare(0.3)
            .setBurst(4)
            .setTasksPerHour(30)
            .build();

    private static List<Candidate> images(int count) {
        List<Candidate> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            images.add(candidate("img-" + i, (i * 37 % 100) / 100.0, "v" + i / 200, i / 200, i * 4000L));
        }
        return images;
    }

    @Test
    void changesNothing_underThePolicyThatDecided() {
        List<Decision> recorded = RoutingReplay.decisions(images(600), DRAWING, "salt");
        RoutingReplay replay = new RoutingReplay(DRAWING, 1, "salt");
        List<Decision> again = recorded.stream().map(d -> replay.again(0, d)).toList();
        assertThat(again).isEqualTo(recorded);
        assertThat(replay.report().images()).isEqualTo(600);
        assertThat(replay.report().changed()).isZero();
        assertThat(recorded)
                .extracting(Decision::getReason)
                .contains(Reason.EVALUATION, Reason.COLD_START, Reason.OVER_BUDGET, Reason.CONFIDENT, Reason.UNDECIDED);
    }

    @Test
    void countsWhatBecomesWhat_underAnotherPolicy() {
        List<Decision> recorded = RoutingReplay.decisions(
                List.of(candidate("a", 0.1), candidate("b", 0.5), candidate("c", 0.6), candidate("d", 0.9)),
                policy().build(),
                "salt");
        RoutingReplay replay = new RoutingReplay(policy().setAskAtLeast(0.5).build(), 1, "salt");
        recorded.forEach(decision -> replay.again(0, decision));
        RoutingReplay.Report report = replay.report();
        assertThat(report.changed()).isEqualTo(2);
        assertThat(report.changes()).containsExactly(Map.entry("SET_ASIDE/UNDECIDED -> ASK_PERSON/UNCERTAIN", 2L));
        assertThat(report.before()).containsEntry(Route.ASK_PERSON, 1L);
        assertThat(report.after()).containsEntry(Route.ASK_PERSON, 3L);
        assertThat(report.toString()).startsWith("2 of 4 decisions would change");
    }

    @Test
    void refusesAPolicy_whenItIsUnsound() {
        assertThatThrownBy(() -> new RoutingReplay(policy().setAuditShare(2).build(), 1, "salt"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("auditShare");
    }
}
