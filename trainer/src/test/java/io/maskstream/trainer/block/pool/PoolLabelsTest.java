package io.maskstream.trainer.block.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Labels of a whole pool: kept, filtered by class, and merged. Values are those of the method sheets. */
class PoolLabelsTest {
    private static final int NONE = Mask.IGNORE;

    @Test
    void keepsClassesExactlyAndConfidencesToTheUnit_whenStored() {
        try (PointerScope scope = new PointerScope()) {
            Tensor probabilities = Fixture.logits(Fixture.a()).softmax(1);

            StoredLabel stored = StoredLabel.of(probabilities);
            PseudoLabel back = StoredLabel.batch(List.of(stored, stored), LabelSource.HUMAN, Device.CPU);

            assertThat(classes(stored)).containsExactly(0, 0, 1, 2);
            assertThat(Fixture.longs(back.hard())).containsExactly(0, 0, 1, 2, 0, 0, 1, 2);
            float[] confidence = Fixture.floats(back.confidence());
            float[] expected = {.80f, .55f, .75f, .80f};
            for (int i = 0; i < confidence.length; i++) {
                assertThat(confidence[i]).isCloseTo(expected[i % 4], within(0.5f / StoredLabel.UNITS + 1e-7f));
            }
            assertThat(Fixture.floats(back.weight())).containsOnly(1f);
        }
    }

    @Test
    void givesNoWeight_whereAStoredPixelHasNoClass() {
        try (PointerScope scope = new PointerScope()) {
            StoredLabel dropped = label(new int[] {0, 1, 2, 1}, .9, .8, .7, .6).keeping(pixel -> pixel != 1);
            PseudoLabel batch = StoredLabel.batch(List.of(dropped), LabelSource.HUMAN, Device.CPU);

            assertThat(Fixture.longs(batch.hard())).containsExactly(0, NONE, 2, 1);
            assertThat(Fixture.floats(batch.weight())).containsExactly(1, 0, 1, 1);
        }
    }

    @Test
    void derivesThresholdAndSampling_fromTheQuotaOfAClass() {
        PoolLabels labels = pool(label(new int[] {0, 0, 0, 0, 1}, .9, .9, .9, .8, .7));

        ClassQuota quota = ClassQuota.of(labels, new double[] {.4, .4, .2}, 1); // 2, 2 and 1 of 5 pixels

        assertThat(quota.thresholds().get(0) / (double) StoredLabel.UNITS).isCloseTo(.9, within(1e-5));
        assertThat(quota.sampling().get(0)).isCloseTo(2.0 / 3, within(1e-5));
        assertThat(quota.thresholds().get(1) / (double) StoredLabel.UNITS).isCloseTo(.7, within(1e-5));
        assertThat(quota.sampling().get(1)).isEqualTo(1);
        StoredLabel left = quota.applied(labels, 5).of(0);
        assertThat(Arrays.stream(classes(left), 0, 3).filter(c -> c == 0).count())
                .isEqualTo(2); // one of three dropped
        assertThat(left.has(3)).isFalse();
        assertThat(left.hard(4)).isEqualTo(1);
        assertThat(quota.applied(labels, 5)).isEqualTo(quota.applied(labels, 5));
    }

    @Test
    void followsThePrior_whenEveryClassHasEnoughPixels() {
        int[] classes = new int[1000];
        double[] sure = new double[1000];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = i % 2;
            sure[i] = 0.5 + (i % 7) / 14.0; // many ties
        }
        PoolLabels labels = pool(label(classes, sure));

        StoredLabel left = ClassQuota.of(labels, new double[] {.25, .75}, 0.4)
                .applied(labels, 1)
                .of(0);

        assertThat(Arrays.stream(classes(left)).filter(c -> c == 0).count()).isBetween(99L, 101L);
        assertThat(Arrays.stream(classes(left)).filter(c -> c == 1).count()).isBetween(299L, 301L);
        assertThat(classes(ClassQuota.of(labels, new double[] {.25, .75}, 0)
                        .applied(labels, 1)
                        .of(0)))
                .containsOnly(NONE);
        assertThat(ClassQuota.of(labels, new double[] {.25, .75}, 10).applied(labels, 1))
                .isEqualTo(labels);
    }

    @Test
    void countsOnlyPixelsWithAClass_inThePrior() {
        RgbImage image = new RgbImage(2, 2, Bytes.wrap(new byte[12]));
        Mask mask = new Mask(2, 2, Bytes.wrap(new byte[] {0, 0, 1, (byte) NONE}));

        double[] prior = ClassQuota.prior(Examples.of(List.of(new Example("one", image, mask))), 2);

        assertThat(prior).containsExactly(new double[] {2.0 / 3, 1.0 / 3}, within(1e-12));
    }

    @Test
    void keepsOnePixelMoreThanTheShare_byClassBalance() {
        PoolLabels labels = pool(label(new int[] {1, 1, 1, 1, 1}, .5, .6, .7, .8, .9));

        assertThat(threshold(labels, .4)).isCloseTo(.7, within(1e-5));
        assertThat(threshold(labels, .2)).isCloseTo(.8, within(1e-5));
        assertThat(threshold(labels, 1)).isCloseTo(.5, within(1e-5));
        assertThat(threshold(labels, .1)).isLessThan(1e-5); // too few pixels for the share to be one
        assertThat(classes(ClassBalance.of(labels, 2, .4).applied(labels).of(0)))
                .containsExactly(NONE, NONE, 1, 1, 1);
    }

    @Test
    void mergesWithThePrevious_byTheSheetsExample() {
        StoredLabel a = label(new int[] {0, 0, 1, 2}, .80, .55, .75, .80);
        StoredLabel b = label(new int[] {0, 1, 2, 2}, .70, .60, .50, .80);
        StoredLabel none = label(new int[] {NONE, NONE, NONE, NONE}, 1, 1, 1, 1);

        StoredLabel merged = LabelMerge.CONFIDENCE.merged(b, a);

        assertThat(merged).isEqualTo(label(new int[] {0, 1, 1, 2}, .80, .60, .75, .80));
        assertThat(LabelMerge.CONFIDENCE.merged(a, b)).isEqualTo(merged);
        assertThat(classes(LabelMerge.CURRENT.merged(b, a))).containsExactly(0, 1, 2, 2);
        assertThat(classes(LabelMerge.PREVIOUS.merged(b, a))).containsExactly(0, 0, 1, 2);
        assertThat(classes(LabelMerge.IGNORE.merged(b, a))).containsExactly(0, NONE, NONE, 2);
        assertThat(classes(LabelMerge.FOREGROUND.merged(a, b))).containsExactly(0, 1, 1, 2);
        for (LabelMerge rule : LabelMerge.values()) {
            assertThat(rule.merged(a, a)).as(rule.name()).isEqualTo(a);
            assertThat(rule.merged(b, none)).as(rule.name()).isEqualTo(b);
            assertThat(rule.merged(none, b)).as(rule.name()).isEqualTo(b);
        }
    }

    private static double threshold(PoolLabels labels, double share) {
        return ClassBalance.of(labels, 2, share).thresholds().get(1) / (double) StoredLabel.UNITS;
    }

    private static PoolLabels pool(StoredLabel label) {
        return new PoolLabels(new TreeMap<>(Map.of(0, label)));
    }

    private static StoredLabel label(int[] classes, double... confidences) {
        return StoredLabel.of(1, classes.length, classes, confidences);
    }

    private static int[] classes(StoredLabel label) {
        int[] classes = new int[label.pixels()];
        Arrays.setAll(classes, label::hard);
        return classes;
    }
}
