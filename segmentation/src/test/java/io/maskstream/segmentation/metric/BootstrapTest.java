package io.maskstream.segmentation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    @Test
    void findsTheIntervalOfALongBootstrap_withinItsOwnNoise() {
        // numpy 2.4.6, 200,000 resamples of the same twelve matrices, numpy.percentile. With 1,000 resamples an end
        // moves
        // by about 0.003, hence the tolerance.
        Interval interval = Bootstrap.miou(matrices(0), 17);

        assertThat(interval.low()).isCloseTo(0.68158149, within(0.01));
        assertThat(interval.high()).isCloseTo(0.74677228, within(0.01));
    }

    @Test
    void isTheSame_forTheSameSeed() {
        assertThat(Bootstrap.miou(matrices(0), 3)).isEqualTo(Bootstrap.miou(matrices(0), 3));
        assertThat(Bootstrap.miou(matrices(0), 3)).isNotEqualTo(Bootstrap.miou(matrices(0), 4));
    }

    @Test
    void isAPoint_whenAllImagesAreAlike() {
        ConfusionMatrix matrix = ConfusionMatrix.ofCounts(new long[][] {{8, 2}, {1, 9}});
        Interval interval = Bootstrap.miou(List.of(matrix, matrix, matrix), 1);

        assertThat(interval.low()).isCloseTo(SegmentationMetrics.of(matrix).miou(), within(1e-12));
        assertThat(interval.high()).isCloseTo(interval.low(), within(1e-12));
    }

    @Test
    void isUndefined_withoutImages() {
        assertThat(Bootstrap.miou(List.of(), 1).low()).isNaN();
    }

    @Test
    void seesASmallConstantGain_thatTwoSeparateIntervalsWouldNot() {
        // As above: numpy, 200,000 paired resamples.
        PairedBootstrap paired = PairedBootstrap.of(matrices(0), matrices(1), 17);

        assertThat(paired.delta()).isCloseTo(0.05417421017634283, within(1e-9));
        assertThat(paired.interval().low()).isCloseTo(0.04751191, within(0.002));
        assertThat(paired.interval().high()).isCloseTo(0.06520369, within(0.002));
        assertThat(paired.shareBetter()).isEqualTo(1);
        assertThat(Bootstrap.miou(matrices(0), 17).low())
                .isLessThan(Bootstrap.miou(matrices(1), 17).high());
    }

    @Test
    void isZero_whenAModelMeetsItself() {
        PairedBootstrap paired = PairedBootstrap.of(matrices(0), matrices(0), 1);

        assertThat(paired).isEqualTo(new PairedBootstrap(0, new Interval(0, 0), 0.5));
    }

    @Test
    void refuses_whenImagesDiffer() {
        assertThatThrownBy(() -> PairedBootstrap.of(matrices(0), matrices(0).subList(1, 12), 1))
                .hasMessage("the challenger was measured on 12 images, the champion on 11: both need the same ones");
        assertThatThrownBy(() -> Bootstrap.miou(List.of(ConfusionMatrix.empty(2), ConfusionMatrix.empty(3)), 1))
                .hasMessage("image 1 was measured in 3 classes, image 0 in 2");
    }

    /** Twelve matrices by formula, each with so many more of some errors. */
    private static List<ConfusionMatrix> matrices(int worse) {
        List<ConfusionMatrix> matrices = new ArrayList<>();
        for (int k = 0; k < 12; k++) {
            matrices.add(ConfusionMatrix.ofCounts(new long[][] {
                {50 + 3 * k, 5 * k % 11 + 2 * worse, k % 3 + worse},
                {7 * k % 13 + worse, 40 + k, 3 * k % 7 + worse},
                {k % 5, 2 * k % 9 + worse, 11 * k % 23}
            }));
        }
        return matrices;
    }
}
