package io.maskstream.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.quality.RollingQuality.Series;
import io.maskstream.schemas.event.MeasuredImage;
import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.QualityArm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollingQualityTest {
    private static final List<String> NAMES = List.of("sky", "road", "car");

    private static MeasuredImage image(String id, String version, QualityArm arm, Long... counts) {
        return MeasuredImage.newBuilder()
                .setImageId(id)
                .setModelVersion(version)
                .setArm(arm)
                .setClasses(2)
                .setCounts(List.of(counts))
                .build();
    }

    private static MeasuredImage right(String id, String version) {
        return image(id, version, QualityArm.RANDOM, 5L, 0L, 0L, 5L);
    }

    private static MeasuredImage wrong(String id, String version) {
        return image(id, version, QualityArm.RANDOM, 0L, 5L, 5L, 0L);
    }

    @Test
    void computesTheFourMetrics_overTheSumOfTheImages() {
        RollingQuality quality = new RollingQuality(500, 5);
        quality.add(image("a", "v1", QualityArm.RANDOM, 6L, 2L, 1L, 1L));
        quality.add(image("b", "v1", QualityArm.RANDOM, 4L, 0L, 1L, 5L));
        ModelMetrics metrics =
                quality.figures(new Series("v1", QualityArm.RANDOM), NAMES).orElseThrow();
        // summed: sky 10 right and 2 taken for road, road 6 right and 2 taken for sky; car is absent
        assertThat(metrics.getImages()).isEqualTo(2);
        assertThat(metrics.getPixelAccuracy()).isCloseTo(16 / 20.0, within(1e-12));
        assertThat(metrics.getMeanAccuracy()).isCloseTo((10 / 12.0 + 6 / 8.0) / 2, within(1e-12));
        assertThat(metrics.getMiou()).isCloseTo((10 / 14.0 + 6 / 10.0) / 2, within(1e-12));
        assertThat(metrics.getWeightedIou()).isCloseTo((12 * 10 / 14.0 + 8 * 6 / 10.0) / 20, within(1e-12));
        assertThat(metrics.getPerClassIou()).containsOnlyKeys("sky", "road");
        assertThat(metrics.getMiouLow()).isLessThanOrEqualTo(metrics.getMiou());
        assertThat(metrics.getMiouHigh()).isGreaterThanOrEqualTo(metrics.getMiou());
    }

    @Test
    void keepsArmsAndVersionsApart() {
        RollingQuality quality = new RollingQuality(500, 5);
        quality.add(right("a", "v1"));
        quality.add(wrong("b", "v2"));
        quality.add(image("c", "v1", QualityArm.AUDIT, 0L, 5L, 0L, 5L));
        assertThat(miou(quality, "v1", QualityArm.RANDOM)).isEqualTo(1);
        assertThat(miou(quality, "v2", QualityArm.RANDOM)).isZero();
        assertThat(miou(quality, "v1", QualityArm.AUDIT)).isEqualTo(0.25);
        assertThat(quality.figures(new Series("v2", QualityArm.AUDIT), NAMES)).isEmpty();
    }

    private static double miou(RollingQuality quality, String version, QualityArm arm) {
        return quality.figures(new Series(version, arm), NAMES).orElseThrow().getMiou();
    }

    @Test
    void dropsTheOldestImage_whenTheWindowIsFull() {
        RollingQuality quality = new RollingQuality(3, 5);
        quality.add(wrong("w", "v1"));
        quality.add(right("a", "v1"));
        quality.add(right("b", "v1"));
        assertThat(quality.add(right("c", "v1")).dropped()).containsExactly("w");
        assertThat(miou(quality, "v1", QualityArm.RANDOM)).isEqualTo(1);
        assertThat(quality.size()).isEqualTo(3);
    }

    @Test
    void dropsTheVersionMeasuredLongestAgo_whenThereAreTooMany() {
        RollingQuality quality = new RollingQuality(3, 2);
        quality.add(right("a", "v1"));
        quality.add(image("b", "v1", QualityArm.AUDIT, 1L, 0L, 0L, 1L));
        quality.add(right("c", "v2"));
        quality.add(right("d", "v1"));
        assertThat(quality.add(right("e", "v3")).dropped()).containsExactly("c");
        assertThat(quality.versions()).containsExactly("v1", "v3");
    }

    @Test
    void replacesAnImage_whenItIsMeasuredAgain() {
        RollingQuality quality = new RollingQuality(3, 2);
        quality.add(wrong("a", "v1"));
        quality.add(right("a", "v1"));
        assertThat(quality.size()).isEqualTo(1);
        assertThat(miou(quality, "v1", QualityArm.RANDOM)).isEqualTo(1);
        assertThat(quality.remove("a")).contains(new Series("v1", QualityArm.RANDOM));
        assertThat(quality.remove("a")).isEmpty();
    }

    @Test
    void goesOnAsBefore_whenRestored() {
        RollingQuality before = new RollingQuality(3, 2);
        List<MeasuredImage> kept = new ArrayList<>();
        for (String id : List.of("c", "a", "b")) {
            kept.add(before.add(right(id, "v1")).kept());
        }
        RollingQuality after = new RollingQuality(3, 2);
        after.restore(List.of(kept.get(1), kept.get(2), kept.get(0))); // a store returns them by key
        assertThat(after.add(wrong("d", "v1")).dropped()).containsExactly("c");
    }
}
