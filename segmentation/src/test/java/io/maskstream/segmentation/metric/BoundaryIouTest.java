package io.maskstream.segmentation.metric;

import static io.maskstream.segmentation.metric.SegmentationMetricsTest.mask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BoundaryIouTest {
    @Test
    void seesNoErrorInside_becauseOnlyContoursCount() {
        double[] iou = BoundaryIou.of(
                        2, mask(3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1), mask(3, 3, 1, 1, 1, 1, 0, 1, 1, 1, 1), 1)
                .perClass();

        assertThat(iou[1]).isEqualTo(1);
        assertThat(iou[0]).isZero();
    }

    @Test
    void comparesContours_whenAColumnIsMissing() {
        double[] iou = BoundaryIou.of(
                        2, mask(3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1), mask(3, 3, 1, 1, 0, 1, 1, 0, 1, 1, 0), 1)
                .perClass();

        assertThat(iou[1]).isCloseTo(5 / 9.0, within(1e-12));
    }

    @Test
    void agreesWithTheReference_forASquareMovedByOne() {
        int[] square = new int[25];
        int[] moved = new int[25];
        for (int y = 1; y < 4; y++) {
            for (int x = 1; x < 4; x++) {
                square[5 * y + x] = 1;
                moved[5 * y + x + 1] = 1;
            }
        }

        assertThat(BoundaryIou.of(2, mask(5, 5, square), mask(5, 5, moved), 1).perClass()[1])
                .isCloseTo(4 / 12.0, within(1e-12));
    }

    @Test
    void agreesWithTheReferenceCode_atSeveralDistances() {
        // mask_to_boundary of bowenc0221/boundary-iou-api (OpenCV 5.0.0) for each class, pixels of 255 dropped from
        // both.
        double[][] expected = {
            {0.15547703180212014, 0.16725978647686832, 0.17417417417417416, 0.13479623824451412},
            {0.3310810810810811, 0.3424036281179138, 0.36511156186612576, 0.2897959183673469},
            {0.6090750436300174, 0.6192982456140351, 0.6241379310344828, 0.6003430531732419}
        };
        int[] distances = {1, 2, 4};
        for (int i = 0; i < distances.length; i++) {
            BoundaryIou found =
                    BoundaryIou.of(4, Patterns.blocks(0, 0, true), Patterns.blocks(2, 1, false), distances[i]);
            assertThat(found.perClass()).as("distance %d", distances[i]).containsExactly(expected[i], within(1e-9));
        }
    }

    @Test
    void takesTwoPercentOfTheDiagonal_atLeastOne() {
        assertThat(BoundaryIou.distance(360, 480)).isEqualTo(12);
        assertThat(BoundaryIou.distance(10, 10)).isEqualTo(1);
    }

    @Test
    void addsUp_andIsUndefinedWithoutPixels() {
        BoundaryIou one = BoundaryIou.of(4, Patterns.blocks(0, 0, true), Patterns.blocks(2, 1, false));

        assertThat(one.plus(one).mean()).isCloseTo(one.mean(), within(1e-12));
        assertThat(BoundaryIou.empty(3).mean()).isNaN();
    }
}
