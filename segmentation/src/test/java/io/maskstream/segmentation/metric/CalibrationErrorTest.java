package io.maskstream.segmentation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.Mask;
import org.junit.jupiter.api.Test;

class CalibrationErrorTest {
    @Test
    void agreesWithTheExampleByHand_inFiveBins() {
        CalibrationError error = CalibrationError.ofPixels(
                5,
                new double[] {0.95, 0.55, 0.85, 0.75, 0.65, 0.45, 0.90, 0.62},
                new boolean[] {true, false, true, true, true, false, true, true});

        assertThat(error.ece()).isCloseTo(0.285, within(1e-12));
        assertThat(error.worstGap()).isCloseTo(0.5, within(1e-12));
        assertThat(error.pixels(3)).isEqualTo(3);
        assertThat(error.meanConfidence(3)).isCloseTo(0.673333, within(1e-6));
        assertThat(error.accuracy(0)).isNaN();
    }

    @Test
    void agreesWithTheExampleByHand_inFifteenAndTwoBins() {
        double[] confidence = {0.9, 0.8, 0.7, 0.6};
        boolean[] right = {true, true, false, false};

        assertThat(CalibrationError.ofPixels(15, confidence, right).ece()).isCloseTo(0.4, within(1e-12));
        assertThat(CalibrationError.ofPixels(2, confidence, right).ece()).isCloseTo(0.25, within(1e-12));
    }

    @Test
    void agreesWithTorchmetrics_whereNoConfidenceLiesOnAnEdge() {
        // torchmetrics 1.9.0, _ce_compute with norm l1, on these twelve values. Its bins are [low, high) and put 1.0
        // into a bin of its own, ours are (low, high]: confidences of exactly k / 10 or k / 15 are left out of both.
        double[] confidence = {0.31, 0.42, 0.44, 0.58, 0.61, 0.66, 0.71, 0.83, 0.87, 0.93, 0.96, 0.99};
        boolean[] right = {false, true, false, true, false, true, true, false, true, true, true, true};

        assertThat(CalibrationError.ofPixels(10, confidence, right).ece()).isCloseTo(0.1875, within(1e-9));
        assertThat(CalibrationError.ofPixels(15, confidence, right).ece()).isCloseTo(0.20916666666666667, within(1e-9));
    }

    @Test
    void leavesOutIgnoredPixels_whenTheyAreConfidentlyWrong() {
        Mask truth = SegmentationMetricsTest.mask(1, 3, 0, 1, 255);
        Mask predicted = SegmentationMetricsTest.mask(1, 3, 0, 1, 0);
        ConfidenceMap sure = new ConfidenceMap(1, 3, Bytes.wrap(new byte[] {(byte) 255, (byte) 255, (byte) 255}));

        assertThat(CalibrationError.of(truth, predicted, sure).ece()).isZero();
        assertThat(CalibrationError.of(SegmentationMetricsTest.mask(1, 3, 0, 1, 1), predicted, sure)
                        .ece())
                .isCloseTo(1 / 3.0, within(1e-12));
    }

    @Test
    void addsUp_whenMeasuredImageByImage() {
        CalibrationError whole = CalibrationError.of(Patterns.truth(), Patterns.prediction(), Patterns.confidence());
        CalibrationError twice = whole.plus(whole);

        assertThat(twice.ece()).isCloseTo(whole.ece(), within(1e-12));
        assertThat(twice.pixels(14)).isEqualTo(2 * whole.pixels(14));
        assertThat(CalibrationError.empty(15).ece()).isNaN();
    }

    @Test
    void refuses_whenSizesOrValuesDoNotFit() {
        Mask one = SegmentationMetricsTest.mask(1, 1, 0);
        assertThatThrownBy(() -> CalibrationError.of(one, one, Patterns.confidence()))
                .hasMessage("the truth has 1x1 px, the confidence 24x30");
        assertThatThrownBy(() -> CalibrationError.ofPixels(5, new double[] {Double.NaN}, new boolean[] {true}))
                .hasMessageContaining("outside [0, 1]");
    }
}
