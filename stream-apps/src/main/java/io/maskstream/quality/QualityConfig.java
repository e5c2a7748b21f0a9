package io.maskstream.quality;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of quality, read once in {@code main}.
 *
 * @param applicationId {@code quality.application-id}: names the consumer group and the internal topics
 * @param stateDir {@code quality.state-dir}: where the stores live between restarts
 * @param commitInterval {@code quality.commit-interval}: how often progress is committed
 * @param line {@code quality.line}: the model line that is measured
 * @param window {@code quality.window}: images that count per model version and arm, the newest
 * @param versions {@code quality.versions}: model versions that are kept, the newest
 * @param reportInterval {@code quality.report-interval}: how often changed figures are computed and sent
 * @param maxPixels {@code quality.max-pixels}: masks with more pixels are refused
 */
public record QualityConfig(
        String applicationId,
        Path stateDir,
        Duration commitInterval,
        String line,
        int window,
        int versions,
        Duration reportInterval,
        long maxPixels) {

    public QualityConfig {
        if (applicationId.isBlank()) {
            throw new IllegalArgumentException(
                    "quality.application-id is empty; expected a name such as maskstream-quality");
        }
        if (commitInterval.isNegative() || commitInterval.isZero()) {
            throw new IllegalArgumentException("quality.commit-interval is " + commitInterval + ", expected above 0");
        }
        if (reportInterval.isNegative() || reportInterval.isZero()) {
            throw new IllegalArgumentException("quality.report-interval is " + reportInterval + ", expected above 0");
        }
        if (window < 1) {
            throw new IllegalArgumentException("quality.window is " + window + ", expected at least 1");
        }
        if (versions < 1) {
            throw new IllegalArgumentException("quality.versions is " + versions + ", expected at least 1");
        }
        if (maxPixels < 1) {
            throw new IllegalArgumentException("quality.max-pixels is " + maxPixels + ", expected at least 1");
        }
    }

    /** Returns the usual settings. */
    public static QualityConfig defaults() {
        return new QualityConfig(
                "maskstream-quality",
                Path.of("data", "quality"),
                Duration.ofMillis(200),
                "main",
                500,
                5,
                Duration.ofSeconds(2),
                100_000_000);
    }
}
