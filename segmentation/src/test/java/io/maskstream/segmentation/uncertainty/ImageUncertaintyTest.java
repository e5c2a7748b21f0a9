package io.maskstream.segmentation.uncertainty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageUncertaintyTest {
    @ParameterizedTest
    @CsvSource({
        // p1, p2, p3, least confidence, 1 - margin, entropy over ln 3, round(255 p1): worked by hand
        "0.7, 0.2, 0.1, 0.3, 0.5, 0.729847, 178",
        "0.4, 0.35, 0.25, 0.6, 0.95, 0.983539, 102",
        "0.01, 0.98, 0.01, 0.02, 0.03, 0.101858, 250",
        "0.333333, 0.333333, 0.333334, 0.666666, 0.999999, 1, 85",
        "0, 0, 1, 0, 0, 0, 255"
    })
    void measuresAPixel(
            float p1, float p2, float p3, double confidence, double margin, double entropy, int confidenceByte) {
        ProbabilityMap map = new ProbabilityMap(3, 1, 1, new float[] {p1, p2, p3});

        assertThat(PixelUncertainty.confidence(map, 0)).isCloseTo(confidence, within(1e-6));
        assertThat(PixelUncertainty.margin(map, 0)).isCloseTo(margin, within(1e-6));
        assertThat(PixelUncertainty.entropy(map, 0)).isCloseTo(entropy, within(1e-6));
        assertThat(map.confidence().values().at(0)).isCloseTo(confidenceByte, within(1));
    }

    @Test
    void makesProbabilitiesOfScores() {
        ProbabilityMap map = ProbabilityMap.softmax(3, 1, 1, new float[] {2, 1, 0}, 1);

        assertThat(map.at(0, 0)).isCloseTo(0.665241, within(1e-6));
        assertThat(map.at(1, 0)).isCloseTo(0.244728, within(1e-6));
        assertThat(PixelUncertainty.entropy(map, 0) * Math.log(3)).isCloseTo(0.832396, within(1e-6));
        ProbabilityMap cooler = ProbabilityMap.softmax(3, 1, 1, new float[] {4, 2, 0}, 2);
        assertThat(cooler.at(0, 0)).isCloseTo(map.at(0, 0), within(1e-6));
    }

    @Test
    void measuresAnImage_byPixelsRegionsAndBorders() {
        // Two classes in 2x3 pixels. u of (.5, .5) is 1; of (.9, .1) it is 0.468996; of (1, 0) it is 0.
        ProbabilityMap map = new ProbabilityMap(2, 2, 3, new float[] {1, 1, 0.1f, 1, 1, 0.5f, 0, 0, 0.9f, 0, 0, 0.5f});
        ImageUncertainty image = ImageUncertainty.of(map, 2);

        assertThat(map.mask().at(0, 2)).isEqualTo(1);
        assertThat(map.mask().at(1, 2)).isZero(); // of equals the lowest index
        assertThat(image.score(UncertaintyMeasure.ENTROPY)).isCloseTo(1.468996 / 6, within(1e-6));
        assertThat(image.score(UncertaintyMeasure.MARGIN)).isCloseTo(1.2 / 6, within(1e-6));
        assertThat(image.score(UncertaintyMeasure.CONFIDENCE)).isCloseTo(0.6 / 6, within(1e-6));
        assertThat(image.rows()).isEqualTo(1);
        assertThat(image.columns()).isEqualTo(2);
        assertThat(image.region(0, 1)).isCloseTo(1.468996 / 2, within(1e-6)); // cut to one column
        assertThat(image.score(UncertaintyMeasure.REGIONS)).isCloseTo(1.468996 / 2, within(1e-6));
        // The pixel of class 1 and its neighbours: the two right columns.
        assertThat(image.score(UncertaintyMeasure.BOUNDARY)).isCloseTo(1.468996 / 4, within(1e-6));
    }

    @Test
    void hasNoBoundaryScore_whenOneClassIsEverywhere() {
        ProbabilityMap map = new ProbabilityMap(2, 1, 2, new float[] {0.8f, 0.6f, 0.2f, 0.4f});

        assertThat(ImageUncertainty.of(map, 16).score(UncertaintyMeasure.BOUNDARY))
                .isZero();
    }

    @Test
    void namesTheMeasures_asEventsDo() {
        assertThat(UncertaintyMeasure.wireNames())
                .containsExactly("entropy", "margin", "confidence", "regions", "boundary");
        assertThat(UncertaintyMeasure.named("margin")).isEqualTo(UncertaintyMeasure.MARGIN);
        assertThatThrownBy(() -> UncertaintyMeasure.named("energy"))
                .hasMessage("no measure of uncertainty is named 'energy'; there are "
                        + "[entropy, margin, confidence, regions, boundary]");
    }

    @Test
    void refuses_whatAreNoProbabilities() {
        assertThatThrownBy(() -> new ProbabilityMap(2, 1, 1, new float[] {0.5f, 0.4f}))
                .hasMessageContaining("sum to");
        assertThatThrownBy(() -> new ProbabilityMap(2, 1, 1, new float[] {Float.NaN, 1}))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> new ProbabilityMap(2, 1, 2, new float[] {1, 0}))
                .hasMessageContaining("2 values");
    }
}
