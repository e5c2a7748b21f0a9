package io.maskstream.ingest;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of ingest, read once in {@code main}.
 *
 * @param stateDir {@code ingest.state-dir}: where it is kept what was published, so that a later run knows
 * @param maxBytes {@code ingest.max-bytes}: the largest encoded image taken
 * @param maxPixels {@code ingest.max-pixels}: the largest image taken, in pixels, read from its header before decoding
 * @param inlineBytes {@code ingest.inline-bytes}: images up to this size travel inside the event, larger ones by reference
 * @param scanInterval {@code ingest.scan-interval}: how often a watched folder is looked at
 * @param settleTime {@code ingest.settle-time}: how long a file must stay unchanged before it counts as fully written
 */
public record IngestConfig(
        Path stateDir, long maxBytes, long maxPixels, int inlineBytes, Duration scanInterval, Duration settleTime) {
    /** The most an image may take inside its event; the event's topic takes 16 MiB with everything else in it. */
    static final int MOST_INLINE_BYTES = 8 * 1024 * 1024;

    public IngestConfig {
        check(maxBytes >= 1, "ingest.max-bytes", "at least 1", maxBytes);
        check(maxPixels >= 1, "ingest.max-pixels", "at least 1", maxPixels);
        check(
                inlineBytes >= 0 && inlineBytes <= MOST_INLINE_BYTES,
                "ingest.inline-bytes",
                "0 to " + MOST_INLINE_BYTES,
                inlineBytes);
        check(isPositive(scanInterval), "ingest.scan-interval", "more than 0", scanInterval);
        check(!settleTime.isNegative(), "ingest.settle-time", "0 or more", settleTime);
    }

    /** Images up to 64 MiB and 40 megapixels, inline up to 1 MiB; a folder is looked at every second. */
    public static IngestConfig defaults() {
        return new IngestConfig(
                Path.of("data", "ingest"),
                64L * 1024 * 1024,
                40_000_000L,
                1024 * 1024,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2));
    }

    /** Returns the same settings with another state folder. */
    public IngestConfig withStateDir(Path dir) {
        return new IngestConfig(dir, maxBytes, maxPixels, inlineBytes, scanInterval, settleTime);
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void check(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException(key + " must be " + expected + ", not " + found);
        }
    }
}
