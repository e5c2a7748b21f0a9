package io.maskstream.quality;

import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.QualityArm;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The names of quality's metrics, and nothing else knows them.
 *
 * <p>Those of tag {@code arm} (random, audit) are the rolling figures of the newest model version that has any; they are
 * {@code NaN} until a person has labelled an image of the arm. Those that begin with {@code release} are the served
 * release's own figures on the evaluation split.
 */
public final class QualityMetrics {
    public static final String MIOU = "quality.miou";
    public static final String MIOU_LOW = "quality.miou.low";
    public static final String MIOU_HIGH = "quality.miou.high";
    public static final String PIXEL_ACCURACY = "quality.pixel.accuracy";
    public static final String MEAN_ACCURACY = "quality.mean.accuracy";
    public static final String WEIGHTED_IOU = "quality.weighted.iou";

    /** Images that the figures are over. */
    public static final String IMAGES = "quality.images";

    /** Round of the model version that the figures are of. */
    public static final String ROUND = "quality.round";

    /** Share of pixels of certain images that people drew otherwise. */
    public static final String PSEUDO_LABEL_ERROR = "quality.pseudo.label.error";

    /** Annotations held against predictions; tag {@code outcome}: measured, empty, withdrawn, biased. */
    public static final String COMPARISONS = "quality.comparisons";

    /** Records that were refused and sent to the dead letters. */
    public static final String DEAD_LETTERS = "quality.dead.letters";

    public static final String RELEASE_ROUND = "release.round";
    public static final String RELEASE_MIOU = "release.miou";
    public static final String RELEASE_MIOU_LOW = "release.miou.low";
    public static final String RELEASE_MIOU_HIGH = "release.miou.high";

    /** Human annotations that the served release was trained on. */
    public static final String RELEASE_LABELS = "release.labels";

    /** Seconds since the served release was released. */
    public static final String RELEASE_AGE = "release.age";

    private final MeterRegistry registry;
    private final Map<QualityArm, AtomicReference<@Nullable Measured>> measured = new EnumMap<>(QualityArm.class);
    private final AtomicReference<@Nullable ModelRelease> served = new AtomicReference<>();

    private record Measured(ModelMetrics metrics, int round) {}

    /** What became of an annotation. */
    enum Outcome {
        MEASURED,
        EMPTY,
        WITHDRAWN,
        BIASED
    }

    QualityMetrics(MeterRegistry registry, Clock clock) {
        this.registry = registry;
        for (QualityArm arm : QualityArm.values()) {
            AtomicReference<@Nullable Measured> figures = new AtomicReference<>();
            measured.put(arm, figures);
            figure(MIOU, arm, figures, m -> m.metrics().getMiou());
            figure(MIOU_LOW, arm, figures, m -> m.metrics().getMiouLow());
            figure(MIOU_HIGH, arm, figures, m -> m.metrics().getMiouHigh());
            figure(PIXEL_ACCURACY, arm, figures, m -> m.metrics().getPixelAccuracy());
            figure(MEAN_ACCURACY, arm, figures, m -> m.metrics().getMeanAccuracy());
            figure(WEIGHTED_IOU, arm, figures, m -> m.metrics().getWeightedIou());
            figure(IMAGES, arm, figures, m -> m.metrics().getImages());
            figure(ROUND, arm, figures, Measured::round);
            if (arm == QualityArm.AUDIT) {
                Gauge.builder(
                                PSEUDO_LABEL_ERROR,
                                figures,
                                f -> or(f.get(), m -> 1 - m.metrics().getPixelAccuracy()))
                        .description("Share of pixels of certain images that people drew otherwise.")
                        .register(registry);
            }
        }
        release(RELEASE_ROUND, ModelRelease::getRound);
        release(RELEASE_LABELS, ModelRelease::getLabels);
        release(RELEASE_MIOU, r -> or(r.getMetrics(), ModelMetrics::getMiou));
        release(RELEASE_MIOU_LOW, r -> or(r.getMetrics(), ModelMetrics::getMiouLow));
        release(RELEASE_MIOU_HIGH, r -> or(r.getMetrics(), ModelMetrics::getMiouHigh));
        Gauge.builder(
                        RELEASE_AGE,
                        served,
                        s -> or(s.get(), r -> Duration.between(r.getReleasedAt(), clock.instant())
                                .toSeconds()))
                .description("Time since the served release was released.")
                .baseUnit("seconds")
                .register(registry);
        for (Outcome outcome : Outcome.values()) {
            registry.counter(COMPARISONS, "outcome", lower(outcome));
        }
        registry.counter(DEAD_LETTERS);
    }

    private void figure(
            String name,
            QualityArm arm,
            AtomicReference<@Nullable Measured> figures,
            ToDoubleFunction<Measured> value) {
        Gauge.builder(name, figures, f -> or(f.get(), value))
                .description("Rolling figure of the newest measured model version against people.")
                .tag("arm", lower(arm))
                .register(registry);
    }

    private void release(String name, ToDoubleFunction<ModelRelease> value) {
        Gauge.builder(name, served, s -> or(s.get(), value))
                .description("The served release's own figure on the evaluation split.")
                .register(registry);
    }

    private static <T> double or(@Nullable T source, ToDoubleFunction<T> value) {
        return source == null ? Double.NaN : value.applyAsDouble(source);
    }

    void show(QualityArm arm, ModelMetrics metrics, int round) {
        AtomicReference<@Nullable Measured> figures = measured.get(arm);
        if (figures != null) {
            figures.set(new Measured(metrics, round));
        }
    }

    void serves(ModelRelease release) {
        served.set(release);
    }

    void compared(Outcome outcome) {
        registry.counter(COMPARISONS, "outcome", lower(outcome)).increment();
    }

    void refused() {
        registry.counter(DEAD_LETTERS).increment();
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
