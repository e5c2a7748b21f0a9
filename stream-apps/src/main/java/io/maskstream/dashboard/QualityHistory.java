package io.maskstream.dashboard;

import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.schemas.event.QualityEvent;
import io.maskstream.schemas.event.QualityReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Quality over time, and which model version took over when.
 *
 * <p>Bounded: a live curve that grows past {@link #MOST_POINTS} loses every second point, so that its shape stays.
 */
final class QualityHistory {
    /** Most points of one curve. */
    static final int MOST_POINTS = 1_000;

    private final Map<String, ModelRelease> releases = new LinkedHashMap<>();
    private final Map<String, Instant> published = new LinkedHashMap<>();
    private final Map<String, Instant> firstPrediction = new LinkedHashMap<>();
    private final List<LoopChart.Point> live = new ArrayList<>();
    private final List<LoopChart.Point> audit = new ArrayList<>();
    private @Nullable QualityReport lastAudit;
    private @Nullable ModelRelease champion;
    private @Nullable String serving;
    private Instant servingSince = Instant.MIN;
    private long revision;

    /** Takes a release; a later record of a version replaces the earlier one. */
    void release(ModelRelease release) {
        String version = release.getVersion();
        releases.remove(version);
        releases.put(version, release);
        published.putIfAbsent(version, release.getReleasedAt());
        if (isServed(release)) {
            champion = release;
        } else if (champion != null && champion.getVersion().equals(version)) {
            champion = lastServed();
        }
        trim(releases);
        trim(published);
        revision++;
    }

    /** Notes that a version made a prediction or that its prediction was decided on. */
    void predicted(String modelVersion, Instant at) {
        Instant known = firstPrediction.get(modelVersion);
        if (known == null || at.isBefore(known)) {
            firstPrediction.put(modelVersion, at);
            trim(firstPrediction);
            revision++;
        }
        if (!at.isBefore(servingSince)) {
            serving = modelVersion;
            servingSince = at;
        }
    }

    /** Takes a report of live quality; alarms are no part of the curve. */
    void quality(QualityEvent event) {
        if (!(event.getBody() instanceof QualityReport report)) {
            return;
        }
        LoopChart.Point point =
                point(event.getAt(), report.getModelVersion(), report.getArm().name(), report.getMetrics());
        if (report.getArm() == QualityArm.AUDIT) {
            lastAudit = report;
        }
        if (Double.isFinite(point.miou())) {
            add(report.getArm() == QualityArm.AUDIT ? audit : live, point);
            revision++;
        }
    }

    long revision() {
        return revision;
    }

    /** Returns the model to serve, null before the first release. */
    LoopSnapshot.@Nullable Model model() {
        ModelRelease release = champion;
        if (release == null) {
            return null;
        }
        ModelMetrics metrics = release.getMetrics();
        return new LoopSnapshot.Model(
                release.getVersion(),
                serving,
                release.getRound(),
                release.getMethod(),
                release.getStatus().name(),
                release.getReleasedAt(),
                release.getLabels(),
                release.getUnlabelled(),
                metrics == null ? null : finite(metrics.getMiou()),
                metrics == null ? null : finite(metrics.getMiouLow()),
                metrics == null ? null : finite(metrics.getMiouHigh()),
                metrics == null ? 0 : metrics.getImages(),
                release.getGate() == null ? null : release.getGate().getExplanation());
    }

    /** Returns the last release whatever became of it, null before there is one. */
    @Nullable
    ModelRelease newest() {
        ModelRelease newest = null;
        for (ModelRelease release : releases.values()) {
            newest = release;
        }
        return newest;
    }

    int rejected() {
        return (int) releases.values().stream()
                .filter(r -> r.getStatus() == ModelStatus.REJECTED)
                .count();
    }

    /** Returns the last measured error of pseudo-labels, null before the first audited image. */
    LoopSnapshot.@Nullable Audit audit() {
        QualityReport report = lastAudit;
        if (report == null || !Double.isFinite(report.getMetrics().getMiou())) {
            return null;
        }
        ModelMetrics metrics = report.getMetrics();
        return new LoopSnapshot.Audit(
                1 - metrics.getMiou(),
                1 - metrics.getMiouHigh(),
                1 - metrics.getMiouLow(),
                1 - metrics.getPixelAccuracy(),
                metrics.getImages(),
                report.getModelVersion());
    }

    /** Returns everything the chart draws. */
    LoopChart chart() {
        List<LoopChart.Point> measured = new ArrayList<>();
        List<LoopChart.Swap> swaps = new ArrayList<>();
        for (ModelRelease release : releases.values()) {
            ModelMetrics metrics = release.getMetrics();
            if (metrics != null && Double.isFinite(metrics.getMiou())) {
                measured.add(point(
                        release.getReleasedAt(),
                        release.getVersion(),
                        release.getStatus().name(),
                        metrics));
            }
            if (release.getStatus() != ModelStatus.REJECTED) {
                swaps.add(new LoopChart.Swap(
                        release.getVersion(),
                        release.getRound(),
                        publishedAt(release),
                        firstPrediction.get(release.getVersion())));
            }
        }
        return new LoopChart(measured, live, audit, swaps);
    }

    /** A version keeps the time of its first record: a later one only says what became of it. */
    private Instant publishedAt(ModelRelease release) {
        return published.getOrDefault(release.getVersion(), release.getReleasedAt());
    }

    private static boolean isServed(ModelRelease release) {
        return release.getStatus() == ModelStatus.STARTING || release.getStatus() == ModelStatus.CHAMPION;
    }

    private @Nullable ModelRelease lastServed() {
        ModelRelease last = null;
        for (ModelRelease release : releases.values()) {
            if (isServed(release)) {
                last = release;
            }
        }
        return last;
    }

    private static LoopChart.Point point(Instant at, String version, String status, ModelMetrics metrics) {
        return new LoopChart.Point(
                at,
                version,
                status,
                metrics.getMiou(),
                Double.isFinite(metrics.getMiouLow()) ? metrics.getMiouLow() : metrics.getMiou(),
                Double.isFinite(metrics.getMiouHigh()) ? metrics.getMiouHigh() : metrics.getMiou(),
                metrics.getImages());
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static void add(List<LoopChart.Point> curve, LoopChart.Point point) {
        curve.add(point);
        if (curve.size() > MOST_POINTS) {
            for (int i = curve.size() - 2; i >= 0; i -= 2) {
                curve.remove(i);
            }
        }
    }

    private static <V> void trim(Map<String, V> map) {
        while (map.size() > MOST_POINTS) {
            map.remove(map.keySet().iterator().next());
        }
    }
}
