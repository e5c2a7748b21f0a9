package io.maskstream.segmentation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.Mask;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ConfusionMatrixPropertiesTest {
    private static final int CLASSES = 6;

    @Property(tries = 200)
    void countsEveryPixelOnce_unlessEitherMaskIgnoresIt(
            @ForAll @Size(60) byte[] truth, @ForAll @Size(60) byte[] predicted) {
        Mask one = mask(truth);
        Mask other = mask(predicted);
        long counted = 0;
        for (int i = 0; i < 60; i++) {
            counted += one.classes().at(i) != Mask.IGNORE && other.classes().at(i) != Mask.IGNORE ? 1 : 0;
        }

        assertThat(ConfusionMatrix.of(CLASSES, one, other).total()).isEqualTo(counted);
    }

    @Property(tries = 200)
    void isTheSumOfItsParts_howeverItIsCut(
            @ForAll @Size(60) byte[] truth,
            @ForAll @Size(60) byte[] predicted,
            @ForAll @IntRange(min = 1, max = 59) int cut) {
        ConfusionMatrix whole = ConfusionMatrix.of(CLASSES, mask(truth), mask(predicted));
        ConfusionMatrix first = ConfusionMatrix.of(CLASSES, part(truth, 0, cut), part(predicted, 0, cut));
        ConfusionMatrix second = ConfusionMatrix.of(CLASSES, part(truth, cut, 60), part(predicted, cut, 60));

        assertThat(first.plus(second)).isEqualTo(whole);
        assertThat(second.plus(first)).isEqualTo(whole);
    }

    @Property(tries = 200)
    void keepsItsMeans_whenClassesAreRenamed(@ForAll @Size(60) byte[] truth, @ForAll @Size(60) byte[] predicted) {
        SegmentationMetrics plain = SegmentationMetrics.of(ConfusionMatrix.of(CLASSES, mask(truth), mask(predicted)));
        SegmentationMetrics renamed =
                SegmentationMetrics.of(ConfusionMatrix.of(CLASSES, rotated(mask(truth)), rotated(mask(predicted))));

        if (Double.isNaN(plain.miou())) {
            assertThat(renamed.miou()).isNaN();
        } else {
            assertThat(renamed.miou()).isCloseTo(plain.miou(), within(1e-12));
            assertThat(renamed.pixelAccuracy()).isCloseTo(plain.pixelAccuracy(), within(1e-12));
            assertThat(renamed.weightedIou()).isCloseTo(plain.weightedIou(), within(1e-12));
            assertThat(plain.miou()).isBetween(0.0, 1.0);
        }
    }

    private static Mask mask(byte[] drawn) {
        return part(drawn, 0, drawn.length);
    }

    private static Mask part(byte[] drawn, int from, int to) {
        byte[] classes = new byte[to - from];
        for (int i = from; i < to; i++) {
            int value = (drawn[i] & 0xff) % (CLASSES + 1);
            classes[i - from] = (byte) (value == CLASSES ? Mask.IGNORE : value);
        }
        return new Mask(1, classes.length, Bytes.wrap(classes));
    }

    private static Mask rotated(Mask mask) {
        byte[] classes = mask.classes().toArray();
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (byte) ((classes[i] & 0xff) == Mask.IGNORE ? Mask.IGNORE : (classes[i] + 1) % CLASSES);
        }
        return new Mask(mask.height(), mask.width(), Bytes.wrap(classes));
    }
}
