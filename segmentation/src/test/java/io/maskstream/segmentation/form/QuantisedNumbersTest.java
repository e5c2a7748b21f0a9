package io.maskstream.segmentation.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The integers of hand-made numbers. */
class QuantisedNumbersTest {

    @Test
    void givesEachChannelItsOwnStep() {
        float[] weights = {63.5f, -10, 0.25f, /* second channel */ -0.5f, 0.125f, 0.1875f};

        ChannelWeights found = ChannelWeights.of(weights, new float[] {1, -0.25f}, 0.5f, false);

        assertThat(found.scales()).containsExactly(0.5f, 0.5f / 127);
        assertThat(found.weights()).containsExactly(127, -20, 0, -127, 32, 48); // 0.5 and 31.75 and 47.6, half to even
        assertThat(found.bias()[0]).isEqualTo(4); // 1 over 0.5 times 0.5
        assertThat(found.bias()[1]).isEqualTo((int) Math.rint(-0.25 / (0.5f / 127 * 0.5)));
        assertThat(found.biasScales(0.5f)[0]).isEqualTo(0.25f);
    }

    @Test
    void takesSevenBits_whenWeightsAreReduced() {
        ChannelWeights found = ChannelWeights.of(new float[] {63, -31.6f, 1}, new float[1], 1, true);

        assertThat(found.scales()).containsExactly(1);
        assertThat(found.weights()).containsExactly(63, -32, 1);
    }

    @Test
    void keepsTheBias_whenAChannelIsAllZero() {
        ChannelWeights found = ChannelWeights.of(new float[] {0, 0}, new float[] {3}, 0.25f, false);

        assertThat(found.weights()).containsExactly(0, 0);
        assertThat(found.bias()[0] * (double) found.biasScales(0.25f)[0]).isCloseTo(3, within(1e-6));
    }

    @Test
    void holdsZeroOnTheGrid_whateverTheRange() {
        assertThat(Affine.over(0, 255)).isEqualTo(new Affine(1, 0));
        assertThat(Affine.over(-255, 0)).isEqualTo(new Affine(1, 255));
        assertThat(Affine.over(51, 255)).isEqualTo(new Affine(1, 0)); // widened down to 0
        assertThat(Affine.over(-85, 170)).isEqualTo(new Affine(1, 85));
        assertThat(Affine.over(0, 0)).isEqualTo(new Affine(1, 0));
        for (float high : new float[] {6, 1, 0.7f, 3.3f}) {
            assertThat(Affine.over(0, high).scale() * 255).isLessThanOrEqualTo(high);
        }
        assertThatThrownBy(() -> new Affine(0, 0)).hasMessageContaining("scale");
    }

    @Test
    void leavesOutliersOutside_whenTheRuleSaysSo() {
        long[] bins = new long[100];
        for (int i = 0; i < 10; i++) {
            bins[i] = 100_000;
        }
        bins[99] = 1; // one value at 10, all others below 1

        assertThat(RangeRule.MIN_MAX.choose(0, 10, bins)).containsExactly(0, 10);
        assertThat(RangeRule.PERCENTILE.choose(0, 10, bins)[1]).isCloseTo(1, within(1e-9));
        double high = RangeRule.SQUARED_ERROR.choose(0, 10, bins)[1];
        assertThat(high).isLessThan(10).isGreaterThanOrEqualTo(2);
    }

    @Test
    void keepsTheWholeRange_whenAllOfItIsUsed() {
        long[] bins = new long[100];
        java.util.Arrays.fill(bins, 1000);

        assertThat(RangeRule.PERCENTILE.choose(-1, 1, bins)).containsExactly(-1, 1);
        double[] chosen = RangeRule.SQUARED_ERROR.choose(-1, 1, bins);
        assertThat(chosen[1] - chosen[0]).isGreaterThan(1.9);
    }

    @Test
    void knowsVnni_byTheProcessorsFlags() {
        assertThat(Processor.multipliesBytesExactly(List.of("flags\t\t: fpu avx2 avx512f avx512_vnni")))
                .isTrue();
        assertThat(Processor.multipliesBytesExactly(List.of("Features\t: fp asimd asimddp")))
                .isTrue();
        assertThat(Processor.multipliesBytesExactly(List.of("flags\t\t: fpu avx2 avx512f", "model name : avx_vnni")))
                .isFalse();
    }
}
