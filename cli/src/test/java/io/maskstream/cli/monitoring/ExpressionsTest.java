package io.maskstream.cli.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExpressionsTest {
    @Test
    void findsMetricsAndNothingElse_whenAnExpressionIsRich() {
        String expression =
                "max by (topic, group) (deriv(loop_lag[5m])) > 0 and on() quality_images{arm=\"audit\"} >= 20"
                        + " unless sum(increase(trainer_rounds_total{status=\"a b\"}[6h])) > 0";
        assertThat(Expressions.metrics(expression))
                .containsExactly("loop_lag", "quality_images", "trainer_rounds_total");
        assertThat(Expressions.labels(expression))
                .isEqualTo(Map.of(
                        "quality_images", Set.of("arm=\"audit\""), "trainer_rounds_total", Set.of("status=\"a b\"")));
    }

    @Test
    void leavesOutWhatPrometheusAdds() {
        assertThat(Expressions.metrics("up{job=\"maskstream\"} == 0")).isEmpty();
        assertThat(Expressions.labels("up{job=\"maskstream\"} == 0")).isEmpty();
    }
}
