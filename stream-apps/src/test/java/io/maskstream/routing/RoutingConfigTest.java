package io.maskstream.routing;

import static io.maskstream.routing.RoutingExamples.config;
import static io.maskstream.routing.RoutingExamples.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.ThresholdKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RoutingConfigTest {
    @Test
    void suitsASmallTeam_byDefault() {
        RoutingConfig config = RoutingConfig.defaults();
        assertThat(config.applicationId()).isEqualTo("maskstream-routing");
        assertThat(config.commitInterval()).isEqualTo(Duration.ofMillis(200));
        RoutingPolicy policy = config.initialPolicy();
        assertThat(policy.getScore()).isEqualTo("regions");
        assertThat(policy.getThresholds()).isEqualTo(ThresholdKind.QUANTILE);
        assertThat(policy.getLearnAtMost()).isEqualTo(0.5);
        assertThat(policy.getAskAtLeast()).isEqualTo(0.9);
        assertThat(policy.getAuditShare()).isEqualTo(0.02);
        assertThat(policy.getRandomArmShare()).isEqualTo(0.02);
        assertThat(policy.getEvaluationShare()).isEqualTo(0.1);
        assertThat(policy.getColdStartShare()).isEqualTo(0.3);
        assertThat(policy.getTasksPerHour()).isEqualTo(120);
        assertThat(policy.getBurst()).isEqualTo(20);
    }

    @Test
    void namesEveryProblemAtOnce_whenThePolicyIsUnsound() {
        RoutingPolicy unsound = policy().setLearnAtMost(0.9)
                .setAskAtLeast(0.1)
                .setAuditShare(-0.1)
                .setColdStartShare(Double.NaN)
                .setTasksPerHour(Double.POSITIVE_INFINITY)
                .build();
        assertThatThrownBy(() -> config(unsound))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("learnAtMost is 0.9")
                .hasMessageContaining("auditShare is -0.1")
                .hasMessageContaining("coldStartShare is NaN")
                .hasMessageContaining("tasksPerHour is Infinity");
    }

    @Test
    void refusesQuantilesOutsideTheUnitInterval() {
        RoutingPolicy unsound = policy().setThresholds(ThresholdKind.QUANTILE)
                .setAskAtLeast(1.2)
                .build();
        assertThatThrownBy(() -> config(unsound)).hasMessageContaining("askAtLeast is 1.2");
    }
}
