package io.maskstream.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.schemas.event.MeasuredImage;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.schemas.event.Reason;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MaskComparisonTest {
    static ByteBuffer png(int width, int... classes) {
        byte[] values = new byte[classes.length];
        for (int i = 0; i < classes.length; i++) {
            values[i] = (byte) classes[i];
        }
        return ByteBuffer.wrap(GreyPng.encode(new Mask(classes.length / width, width, Bytes.wrap(values))));
    }

    private static Optional<MeasuredImage> measure(ByteBuffer predicted, ByteBuffer drawn, int known) {
        return MaskComparison.measure("img-1", "v1", QualityArm.RANDOM, predicted, drawn, known, 1000);
    }

    @Test
    void countsPixelsByTrueAndPredictedClass() {
        MeasuredImage image =
                measure(png(3, 0, 1, 1, 0, 2, 0), png(3, 0, 1, 0, 0, 2, 255), 3).orElseThrow();
        assertThat(image.getClasses()).isEqualTo(3);
        // rows are the person's: class 0 was found twice and once taken for 1, classes 1 and 2 were found
        assertThat(image.getCounts()).containsExactly(2L, 1L, 0L, 0L, 1L, 0L, 0L, 0L, 1L);
        assertThat(MaskComparison.matrix(image, 4).count(0, 1)).isEqualTo(1);
        assertThat(MaskComparison.matrix(image, 4).total()).isEqualTo(5);
    }

    @Test
    void measuresNothing_whenThePersonIgnoredEveryPixel() {
        assertThat(measure(png(2, 0, 1), png(2, 255, 255), 2)).isEmpty();
        assertThat(measure(png(2, 255, 255), png(2, 255, 255), 2)).isEmpty();
    }

    @Test
    void refusesMasks_whenTheyDoNotFit() {
        assertThatThrownBy(() -> measure(png(2, 0, 1), png(1, 0, 1), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2x1");
        assertThatThrownBy(() -> measure(png(2, 0, 1), png(2, 0, 7), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("class 7")
                .hasMessageContaining("2 classes");
        ByteBuffer text = ByteBuffer.wrap("no picture".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> measure(png(2, 0, 1), text, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("drawn by a person for image img-1");
    }

    @Test
    void countsForNoEstimate_whenTheModelChoseTheImage() {
        assertThat(Arrays.stream(Reason.values())
                        .filter(r -> MaskComparison.armOf(r).isPresent()))
                .containsExactly(Reason.AUDIT, Reason.RANDOM_ARM, Reason.EVALUATION, Reason.COLD_START);
        assertThat(MaskComparison.armOf(Reason.AUDIT)).contains(QualityArm.AUDIT);
        assertThat(MaskComparison.armOf(Reason.UNCERTAIN)).isEmpty();
    }
}
