package io.maskstream.cli.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.routing.Policies;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.ThresholdKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionTest {

    @Test
    void asksForTheShareThatIsLeft_whenAScoreSelects() {
        RoutingPolicy policy = new Selection("entropy").policy("v", 23, 115);
        assertThat(policy.getThresholds()).isEqualTo(ThresholdKind.QUANTILE);
        assertThat(policy.getScore()).isEqualTo("entropy");
        assertThat(policy.getAskAtLeast()).isEqualTo(1 - 23.0 / 115);
        assertThat(policy.getBurst()).isEqualTo(23);
        assertThat(policy.getTasksPerHour()).isZero();
    }

    @Test
    void drawsTheShareThatIsLeft_whenChanceSelects() {
        RoutingPolicy policy = new Selection("random").policy("v", 10, 40);
        assertThat(policy.getRandomArmShare()).isEqualTo(0.25);
        assertThat(policy.getAskAtLeast()).isGreaterThan(1); // no score reaches it
    }

    @Test
    void asksForAll_whenAsManyImagesAreLeftAsLabels() {
        for (String score : List.of("entropy", "random")) {
            RoutingPolicy policy = new Selection(score).policy("v", 5, 5);
            assertThat(policy.getThresholds()).isEqualTo(ThresholdKind.SCORE);
            assertThat(policy.getAskAtLeast()).isNegative(); // every score is above it
            assertThat(policy.getBurst()).isEqualTo(5);
        }
    }

    @Test
    void isAcceptedByRouting_whateverIsLeft() {
        for (String score : List.of("entropy", "random")) {
            for (int labels = 0; labels <= 20; labels++) {
                for (int images = 1; images <= 20; images++) {
                    assertThat(Policies.check(new Selection(score).policy("v", labels, images)))
                            .isNotNull();
                }
            }
        }
    }
}
