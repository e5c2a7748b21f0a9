package io.maskstream.segmentation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunsBootstrapTest {
    // Of the first 10 pixels so many are right, of the second 10 all are: with r right ones,
    // IoU is r / 10 and 10 / (10 + 10 - r).
    private static ConfusionMatrix right(int pixels) {
        return ConfusionMatrix.ofCounts(new long[][] {{pixels, 10 - pixels}, {0, 10}});
    }

    private static double miou(int pixels) {
        return (pixels / 10.0 + 10.0 / (20 - pixels)) / 2;
    }

    private static List<ConfusionMatrix> run(int pixels) {
        return Collections.nCopies(5, right(pixels));
    }

    @Test
    void isAPoint_whenEveryImageGainsAsMuchInEveryRun() {
        RunsBootstrap gain = RunsBootstrap.gain(List.of(run(8), run(8)), List.of(run(5), run(5)), 1);

        assertThat(gain.value()).isCloseTo(miou(8) - miou(5), within(1e-12));
        assertThat(gain.interval().low()).isCloseTo(gain.value(), within(1e-12));
        assertThat(gain.interval().high()).isCloseTo(gain.value(), within(1e-12));
    }

    @Test
    void pairsRunByRun_soThatWhatASeedDoesToBothCancels() {
        // Seeds differ far more than the methods do; compared one by one the gain is clear.
        RunsBootstrap gain = RunsBootstrap.gain(List.of(run(9), run(6), run(3)), List.of(run(8), run(5), run(2)), 1);

        assertThat(gain.interval().low()).isCloseTo(Math.min(miou(3) - miou(2), miou(6) - miou(5)), within(0.01));
        assertThat(gain.interval().low()).isPositive();
        RunsBootstrap miou = RunsBootstrap.miou(List.of(run(9), run(6), run(3)), 1);
        assertThat(miou.value()).isCloseTo((miou(9) + miou(6) + miou(3)) / 3, within(1e-12));
        assertThat(miou.interval().high() - miou.interval().low()).isGreaterThan(0.2);
    }

    @Test
    void spreadsAsMuchAsTheMeanOfSoFewRuns_whenOnlyTheSeedsDiffer() {
        // Images are alike, so the variance is that of the seeds: s^2 / 3 with s^2 over 2. A percentile interval of two
        // drawn of three
        // values ends at the lowest and the highest of them.
        RunsBootstrap gain = RunsBootstrap.gain(List.of(run(9), run(8), run(7)), List.of(run(7), run(7), run(7)), 1);

        assertThat(gain.interval().low()).isCloseTo(0, within(1e-12));
        assertThat(gain.interval().high()).isCloseTo(miou(9) - miou(7), within(1e-12));
    }

    @Test
    void agreesWithThePairedBootstrap_whenThereIsOneRun() {
        List<ConfusionMatrix> one = new ArrayList<>();
        List<ConfusionMatrix> other = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            one.add(right(i % 7 + 3));
            other.add(right((i * 5) % 8 + 1));
        }
        RunsBootstrap runs = RunsBootstrap.gain(List.of(one), List.of(other), 3);
        PairedBootstrap paired = PairedBootstrap.of(one, other, 4);

        assertThat(runs.value()).isCloseTo(paired.delta(), within(1e-12));
        assertThat(runs.interval().low()).isCloseTo(paired.interval().low(), within(0.01));
        assertThat(runs.interval().high()).isCloseTo(paired.interval().high(), within(0.01));
        assertThat(RunsBootstrap.gain(List.of(one), List.of(other), 3)).isEqualTo(runs);
    }

    @Test
    void refusesToCompare_whatWasNotMeasuredAlike() {
        assertThatThrownBy(() -> RunsBootstrap.gain(List.of(run(1)), List.of(), 1))
                .hasMessageContaining("one by one");
        assertThatThrownBy(() -> RunsBootstrap.gain(List.of(run(1)), List.of(List.of(right(1))), 1))
                .hasMessageContaining("5 images");
        assertThatThrownBy(() -> RunsBootstrap.miou(List.of(run(1), List.of(right(1))), 1))
                .hasMessageContaining("same ones");
        assertThat(RunsBootstrap.miou(List.of(), 1).value()).isNaN();
    }
}
