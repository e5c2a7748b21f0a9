package io.maskstream.segmentation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.Mask;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SegmentationMetricsTest {
    private static final Offset<Double> CLOSE = within(1e-9);

    @Test
    void leavesOutAbsentClasses_andIgnoredPixels() {
        // Worked by hand: class 3 is predicted on the ignored pixel only, so it is absent.
        ConfusionMatrix matrix =
                ConfusionMatrix.of(4, mask(3, 3, 0, 0, 1, 0, 1, 1, 2, 2, 255), mask(3, 3, 0, 1, 1, 0, 1, 2, 2, 2, 3));
        SegmentationMetrics metrics = SegmentationMetrics.of(matrix);

        assertThat(matrix)
                .isEqualTo(ConfusionMatrix.ofCounts(
                        new long[][] {{2, 1, 0, 0}, {0, 2, 1, 0}, {0, 0, 2, 0}, {0, 0, 0, 0}}));
        assertThat(metrics.pixelAccuracy()).isEqualTo(0.75);
        assertThat(metrics.meanAccuracy()).isCloseTo((2 / 3.0 + 2 / 3.0 + 1) / 3, CLOSE);
        assertThat(metrics.miou()).isCloseTo((2 / 3.0 + 0.5 + 2 / 3.0) / 3, CLOSE);
        assertThat(metrics.weightedIou()).isCloseTo((3 * 2 / 3.0 + 3 * 0.5 + 2 * 2 / 3.0) / 8, CLOSE);
        assertThat(metrics.perClassIou()[3]).isNaN();
        assertThat(metrics.perClassAccuracy()[3]).isNaN();
        assertThat(metrics.presentClasses()).isEqualTo(3);
    }

    @Test
    void countsAClass_whenItIsPredictedButNeverTrue() {
        SegmentationMetrics metrics = SegmentationMetrics.of(
                ConfusionMatrix.of(3, mask(3, 3, 0, 0, 0, 1, 1, 1, 1, 1, 1), mask(3, 3, 0, 0, 2, 1, 1, 1, 1, 1, 1)));

        assertThat(metrics.pixelAccuracy()).isCloseTo(8 / 9.0, CLOSE);
        assertThat(metrics.meanAccuracy()).isCloseTo((2 / 3.0 + 1) / 2, CLOSE);
        assertThat(metrics.perClassIou()).containsExactly(new double[] {2 / 3.0, 1, 0}, CLOSE);
        assertThat(metrics.miou()).isCloseTo((2 / 3.0 + 1) / 3, CLOSE);
        assertThat(metrics.weightedIou()).isCloseTo(8 / 9.0, CLOSE);
    }

    @Test
    void agreesWithScikitLearnAndTorchmetrics_onThePatternOfTheOracle() {
        // scikit-learn 1.9.1 (accuracy, balanced accuracy, macro and weighted Jaccard on the pixels that are not 255)
        // and
        // torchmetrics 1.9.0 (multiclass_jaccard_index, ignore_index 255) on the pattern of Patterns.
        SegmentationMetrics metrics =
                SegmentationMetrics.of(ConfusionMatrix.of(5, Patterns.truth(), Patterns.prediction()));

        assertThat(metrics.pixelAccuracy()).isCloseTo(0.5583456425406204, CLOSE);
        assertThat(metrics.meanAccuracy()).isCloseTo(0.559287470640047, CLOSE);
        assertThat(metrics.miou()).isCloseTo(0.38746517312876305, CLOSE);
        assertThat(metrics.weightedIou()).isCloseTo(0.3878697804322542, CLOSE);
        assertThat(metrics.perClassIou())
                .containsExactly(
                        new double[] {0.39153439, 0.40106952, 0.39344262, 0.39449541, 0.35678392}, within(1e-8));
    }

    @Test
    void isUndefined_whenEveryPixelIsIgnored() {
        SegmentationMetrics metrics =
                SegmentationMetrics.of(ConfusionMatrix.of(2, mask(1, 2, 255, 255), mask(1, 2, 0, 1)));

        assertThat(metrics.miou()).isNaN();
        assertThat(metrics.pixelAccuracy()).isNaN();
        assertThat(metrics.meanAccuracy()).isNaN();
        assertThat(metrics.weightedIou()).isNaN();
    }

    @Test
    void refuses_whenSizesOrClassesDoNotFit() {
        assertThatThrownBy(() -> ConfusionMatrix.of(2, mask(1, 2, 0, 1), mask(2, 1, 0, 1)))
                .hasMessage("the truth has 1x2 px, the prediction 2x1");
        assertThatThrownBy(() -> ConfusionMatrix.of(2, mask(1, 2, 0, 2), mask(1, 2, 0, 1)))
                .hasMessage("pixel 1 has class 2 in the truth and 1 in the prediction, but there are 2 classes");
        assertThatThrownBy(() -> ConfusionMatrix.empty(2).plus(ConfusionMatrix.empty(3)))
                .hasMessageContaining("2 and 3 classes");
    }

    static Mask mask(int height, int width, int... classes) {
        byte[] bytes = new byte[classes.length];
        for (int i = 0; i < classes.length; i++) {
            bytes[i] = (byte) classes[i];
        }
        return new Mask(height, width, Bytes.wrap(bytes));
    }
}
