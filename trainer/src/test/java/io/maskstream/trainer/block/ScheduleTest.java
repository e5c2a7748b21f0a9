package io.maskstream.trainer.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void risesAsPublished_whenTheRampIsASigmoid() {
        Schedule ramp = Schedule.sigmoidRamp(1, 0.5);

        assertThat(ramp.at(new Progress(0, 100, 1))).isCloseTo(0.006738, within(1e-6));
        assertThat(ramp.at(new Progress(25, 100, 1))).isCloseTo(0.286505, within(1e-6));
        assertThat(ramp.at(new Progress(50, 100, 1))).isEqualTo(1);
        assertThat(Schedule.sigmoidRamp(2, 0).at(new Progress(0, 100, 1))).isEqualTo(2);
    }

    @Test
    void isZeroThenALineThenFlat_whenTheRampIsLees() {
        Schedule ramp = Schedule.linearRamp(3, 0.1, 0.6);

        assertThat(ramp.at(new Progress(99, 1000, 1))).isZero();
        assertThat(ramp.at(new Progress(100, 1000, 1))).isZero();
        assertThat(ramp.at(new Progress(350, 1000, 1))).isCloseTo(1.5, within(1e-9));
        assertThat(ramp.at(new Progress(600, 1000, 1))).isEqualTo(3);
        assertThat(ramp.at(new Progress(999, 1000, 1))).isEqualTo(3);
    }

    @Test
    void warmsUpAndFallsToTheFloor_whenTheRateIsACosine() {
        Schedule rate = Schedule.cosine(1, 0.1, 0.01);

        assertThat(rate.at(new Progress(0, 100, 1))).isCloseTo(0.1, within(1e-9));
        assertThat(rate.at(new Progress(9, 100, 1))).isCloseTo(1, within(1e-9));
        assertThat(rate.at(new Progress(55, 100, 1))).isCloseTo(0.505, within(1e-9));
        assertThat(rate.at(new Progress(99, 100, 1))).isBetween(0.01, 0.02);
    }

    @Test
    void fallsToNothing_whenTheRateIsPoly() {
        assertThat(Schedule.poly(2, 0.9).at(new Progress(50, 100, 1))).isCloseTo(2 * 0.535887, within(1e-6));
    }

    @Test
    void beginsLater_whenItIsPutOff() {
        Schedule ramp = Schedule.cosineRamp(2, 0.4).after(0.2);

        assertThat(ramp.at(new Progress(19, 100, 1))).isZero();
        assertThat(ramp.at(new Progress(20, 100, 1))).isZero();
        assertThat(ramp.at(new Progress(40, 100, 1))).isCloseTo(1, within(1e-9)); // 6 of 12 epochs in PS-MT
        assertThat(ramp.at(new Progress(5, 100, 2, 55))).isEqualTo(2);
        assertThat(Schedule.constant(3).after(0.5).at(new Progress(50, 100, 1))).isEqualTo(3);
    }

    @Test
    void ends_whenItHoldsUntilAShare() {
        Schedule begin = Schedule.constant(3).until(0.1);

        assertThat(begin.at(new Progress(9, 100, 1))).isEqualTo(3);
        assertThat(begin.at(new Progress(10, 100, 1))).isZero();
        assertThat(begin.at(new Progress(0, 100, 2, 100))).isZero();
    }

    @Test
    void refusesAStageWithoutSteps() {
        assertThatThrownBy(() -> new Progress(0, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
