package io.maskstream.quality;

import io.maskstream.quality.RollingQuality.Change;
import io.maskstream.quality.RollingQuality.Series;
import io.maskstream.schemas.event.MeasuredImage;
import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.schemas.event.QualityEvent;
import io.maskstream.schemas.event.QualityReport;
import io.maskstream.schemas.topic.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Where the measured images of all partitions meet: keeps the newest, and reports changed figures from time to time. */
final class RollingStage implements Processor<String, @Nullable MeasuredImage, String, QualityEvent> {
    /** Store of the images that count: image id to what was measured. */
    static final String MEASURED = "measured-images";

    private final Topics topics;
    private final QualityConfig config;
    private final QualityMetrics metrics;
    private final Set<Series> changed = new LinkedHashSet<>();
    private @Nullable Started started;

    private record Started(
            ProcessorContext<String, QualityEvent> context,
            KeyValueStore<String, MeasuredImage> store,
            ReleaseBoard.Reader releases,
            RollingQuality quality) {}

    RollingStage(Topics topics, QualityConfig config, QualityMetrics metrics) {
        this.topics = topics;
        this.config = config;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, QualityEvent> context) {
        KeyValueStore<String, byte[]> releases = context.getStateStore(ReleaseBoard.STORE);
        Started now = new Started(
                context,
                context.getStateStore(MEASURED),
                new ReleaseBoard.Reader(releases, topics),
                new RollingQuality(config.window(), config.versions()));
        List<MeasuredImage> kept = new ArrayList<>();
        try (KeyValueIterator<String, MeasuredImage> all = now.store().all()) {
            while (all.hasNext()) {
                KeyValue<String, MeasuredImage> entry = all.next();
                kept.add(entry.value);
                changed.add(new Series(entry.value.getModelVersion(), entry.value.getArm()));
            }
        }
        now.quality().restore(kept);
        started = now;
        context.schedule(config.reportInterval(), PunctuationType.WALL_CLOCK_TIME, time -> report(now, time));
    }

    @Override
    public void process(Record<String, @Nullable MeasuredImage> record) {
        Started here = Objects.requireNonNull(started, "init comes first");
        MeasuredImage image = record.value();
        if (image == null) {
            here.quality().remove(record.key()).ifPresent(changed::add);
            here.store().delete(record.key());
            return;
        }
        Change change = here.quality().add(image);
        here.store().put(image.getImageId(), change.kept());
        change.dropped().forEach(here.store()::delete);
        changed.add(new Series(image.getModelVersion(), image.getArm()));
    }

    private void report(Started here, long now) {
        here.releases().served().ifPresent(metrics::serves);
        for (Series series : changed) {
            List<String> names = here.releases()
                    .release(series.modelVersion())
                    .map(ModelRelease::getClasses)
                    .orElse(List.of());
            Optional<ModelMetrics> figures = here.quality().figures(series, names);
            if (figures.isEmpty()) {
                continue;
            }
            QualityEvent event = new QualityEvent(
                    Instant.ofEpochMilli(now), new QualityReport(series.modelVersion(), series.arm(), figures.get()));
            here.context().forward(new Record<>(series.modelVersion(), event, now));
            if (series.modelVersion().equals(newest(here, series.arm()))) {
                metrics.show(series.arm(), figures.get(), round(here, series.modelVersion()));
            }
        }
        changed.clear();
    }

    /** Returns the version of the highest round that was measured on the arm; of equal rounds the one measured last. */
    private static String newest(Started here, QualityArm arm) {
        return here.quality().versions().stream()
                .filter(version -> here.quality().has(new Series(version, arm)))
                .reduce((a, b) -> round(here, b) >= round(here, a) ? b : a)
                .orElse("");
    }

    private static int round(Started here, String version) {
        return here.releases().release(version).map(ModelRelease::getRound).orElse(0);
    }
}
