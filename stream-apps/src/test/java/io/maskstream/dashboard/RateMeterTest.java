package io.maskstream.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateMeterTest {
    private final RateMeter meter = new RateMeter();

    @Test
    void averagesOverTenSeconds_whenRecordsFlow() {
        for (int second = 100; second < 110; second++) {
            meter.flowed(3, second * 1000L + 500);
        }
        assertThat(meter.perSecond(109_900)).isEqualTo(3.0);
        assertThat(meter.total()).isEqualTo(30);
    }

    @Test
    void forgets_whenNothingCameForTenSeconds() {
        meter.flowed(50, 100_000);
        assertThat(meter.perSecond(109_999)).isEqualTo(5.0);
        assertThat(meter.perSecond(110_000)).isZero();
        assertThat(meter.total()).isEqualTo(50);
    }

    @Test
    void doesNotCallHistoryARate_whenRecordsWereThereBefore() {
        meter.found(1_000);
        assertThat(meter.perSecond(100_000)).isZero();
        assertThat(meter.total()).isEqualTo(1_000);
        assertThat(meter.isExact()).isTrue();
    }

    @Test
    void saysThatTheTotalIsAbout_whenOffsetsWereSkipped() {
        meter.skipped(0);
        assertThat(meter.isExact()).isTrue();
        meter.skipped(12);
        assertThat(meter.isExact()).isFalse();
        assertThat(meter.total()).isEqualTo(12);
    }
}
