package io.maskstream.trainer.block.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.Mask;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers of the tables and figures that the authors of CAFS ship. */
class ClassCalibrationTest {
    private static final double[] CONFIDENCES = {.99, .96, .94, .92, .90, .87};

    @Test
    void takesTheSmallestThreshold_thatIsRightOftenEnough() {
        assertThat(threshold(.9, true, true, false, true, true, true)).isCloseTo(0.95, within(1e-9));
        assertThat(threshold(.9, true, true, true, true, true, true)).isCloseTo(0.85, within(1e-9));
        assertThat(threshold(.9, true, true, true, true, true, false)).isCloseTo(0.88, within(1e-9));
    }

    @Test
    void takesTheLargest_whenNoPixelReachesAnyOrNoneIsRight() {
        ClassCalibration calibration = new ClassCalibration(3, 0.85, 0.95);
        calibration.count(1, 0.8, true);
        calibration.count(2, 0.99, false);

        assertThat(calibration.thresholds(0.9)).containsExactly(0.95, 0.95, 0.95);
    }

    @Test
    void leavesUnlabelledPixelsOut_whenAnImageIsCounted() {
        ClassCalibration calibration = new ClassCalibration(2, 0.85, 0.95);
        Mask truth = new Mask(1, 4, Bytes.copyOf(new byte[] {0, 1, 1, (byte) Mask.IGNORE}));
        StoredLabel label = StoredLabel.of(1, 4, new int[] {0, 0, 1, 1}, new double[] {.9, .85, .86, .99});

        calibration.count(label, truth);

        assertThat(calibration.thresholds(0.9).get(0)).isCloseTo(0.86, within(1e-9)); // above the wrong one at 0.85
        assertThat(calibration.thresholds(0.9).get(1)).isCloseTo(0.85, within(1e-9));
        assertThat(calibration.ious()).containsExactly(0.5, 0.5);
    }

    @Test
    void repeatsWeakClasses_asPublishedForVoc() {
        double[] ious = new double[21];
        double rest = (0.714465 * 20 - .3722 - .2356 - .3777 - .4587 - .6211) / 15; // so that the mean is the published
        Arrays.fill(ious, rest);
        ious[0] = 0.93;
        ious[9] = .3722;
        ious[11] = .2356;
        ious[16] = .3777;
        ious[18] = .4587;
        ious[20] = .6211;

        int[] copies = ClassCalibration.copies(ious, 0);

        assertThat(copies).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 5, 0, 0, 0, 0, 4, 0, 3, 0, 1);
    }

    @Test
    void leavesAbsentClassesAlone_andCountsBackgroundIfAskedTo() {
        assertThat(ClassCalibration.copies(new double[] {0.1, 0.9, Double.NaN, 0.5}, 0))
                .containsExactly(0, 0, 0, 2);
        assertThat(ClassCalibration.copies(new double[] {0.1, 0.9, Double.NaN, 0.5}, -1))
                .containsExactly(4, 0, 0, 0);
    }

    @Test
    void showsAnImageAgain_forEachWeakClassInIt() {
        List<Mask> masks = List.of(
                new Mask(1, 2, Bytes.copyOf(new byte[] {0, 1})),
                new Mask(1, 2, Bytes.copyOf(new byte[] {0, (byte) Mask.IGNORE})),
                new Mask(1, 2, Bytes.copyOf(new byte[] {2, 1})));

        assertThat(ClassCalibration.repeated(masks, new int[] {0, 2, 1})).containsExactly(0, 0, 0, 1, 2, 2, 2, 2);
    }

    @Test
    void refusesAGridThatGoesDown() {
        assertThatThrownBy(() -> new ClassCalibration(2, 0.9, 0.8)).hasMessageContaining("0.9");
    }

    private static double threshold(double accuracy, boolean... right) {
        ClassCalibration calibration = new ClassCalibration(1, 0.85, 0.95);
        for (int i = 0; i < right.length; i++) {
            calibration.count(0, CONFIDENCES[i], right[i]);
        }
        return calibration.thresholds(accuracy).get(0);
    }
}
