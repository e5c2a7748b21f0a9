package io.maskstream.cli.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.segmentation.metric.Interval;
import io.maskstream.segmentation.metric.PairedBootstrap;
import org.junit.jupiter.api.Test;

class GainTest {
    @Test
    void isBetter_whenTheWholeIntervalIsAboveZero() {
        assertThat(gain(0.03, 0.01, 0.05).verdict()).isEqualTo("better");
    }

    @Test
    void isNotShown_whenTheIntervalHoldsZero() {
        assertThat(gain(0.03, -0.001, 0.06).verdict()).isEqualTo("not shown");
        assertThat(gain(0.03, 0, 0.06).verdict()).isEqualTo("not shown");
        assertThat(gain(-0.03, -0.06, 0).verdict()).isEqualTo("not shown");
    }

    @Test
    void isWorse_whenTheWholeIntervalIsBelowZero() {
        assertThat(gain(-0.03, -0.05, -0.01).verdict()).isEqualTo("worse");
    }

    private static LoopReport.Gain gain(double delta, double low, double high) {
        return LoopReport.Gain.of(new PairedBootstrap(delta, new Interval(low, high), 0.5));
    }
}
