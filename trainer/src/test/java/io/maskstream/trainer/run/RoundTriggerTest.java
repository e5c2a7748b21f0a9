package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.trainer.run.RoundTrigger.Cause;
import io.maskstream.trainer.run.RoundTrigger.State;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RoundTriggerTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final RoundTrigger TRIGGER =
            new RoundTrigger(20, Duration.ofHours(1), Duration.ofSeconds(2), Duration.ofSeconds(60), 8);

    @Test
    void startsByCount_whenEnoughCameAndItIsQuiet() {
        State state = new State(false, 30, 8, 20, NOON.minusSeconds(9), NOON.minusSeconds(2), null);

        assertThat(TRIGGER.decide(state, NOON)).contains(Cause.COUNT);
    }

    @Test
    void waits_whileAnnotationsStillCome() {
        State state = new State(false, 30, 8, 20, NOON.minusSeconds(9), NOON.minusSeconds(1), null);

        assertThat(TRIGGER.decide(state, NOON)).isEmpty();
        assertThat(TRIGGER.decide(state, NOON.plusSeconds(11))).contains(Cause.COUNT);
    }

    @Test
    void startsAnyway_whenAnnotationsNeverStop() {
        State state = new State(false, 30, 8, 50, NOON.minusSeconds(20), NOON, null);

        assertThat(TRIGGER.decide(state, NOON)).contains(Cause.COUNT);
    }

    @Test
    void waits_duringTheCooldown() {
        State state = new State(false, 30, 8, 25, NOON.minusSeconds(30), NOON.minusSeconds(10), NOON.minusSeconds(59));

        assertThat(TRIGGER.decide(state, NOON)).isEmpty();
        assertThat(TRIGGER.decide(state, NOON.plusSeconds(1))).contains(Cause.COUNT);
    }

    @Test
    void startsByTime_whenFewCame() {
        State state = new State(false, 30, 8, 1, NOON.minus(Duration.ofHours(1)), NOON.minusSeconds(10), null);

        assertThat(TRIGGER.decide(state, NOON)).contains(Cause.TIME);
        assertThat(TRIGGER.decide(state, NOON.minusSeconds(1))).isEmpty();
    }

    @Test
    void startsByHand_whateverTheCooldownSays() {
        State state = new State(true, 30, 8, 0, null, null, NOON.minusSeconds(1));

        assertThat(TRIGGER.decide(state, NOON)).contains(Cause.HAND);
    }

    @Test
    void neverStarts_withoutAnnotationsOrAnEvaluationSplit() {
        assertThat(TRIGGER.decide(new State(true, 0, 8, 0, null, null, null), NOON))
                .isEmpty();
        assertThat(TRIGGER.decide(new State(true, 30, 7, 30, NOON, NOON, null), NOON))
                .isEmpty();
    }
}
