package io.maskstream.dashboard;

import java.time.Duration;

/**
 * The settings of the loop page, read once in {@code main}.
 *
 * @param history {@code dashboard.history}: records read back from each partition of a topic of small events at start
 * @param pictures {@code dashboard.pictures}: predictions read back from each partition at start, for their pictures
 * @param pictureCacheBytes {@code dashboard.picture-cache-bytes}: memory for images, masks and maps of recent predictions
 * @param thumbnailPixels {@code dashboard.thumbnail-pixels}: longer side of a thumbnail
 * @param lagInterval {@code dashboard.lag-interval}: how often offsets and lags are asked for
 * @param labelUrl {@code dashboard.label-url}: where people label, for the links; another address where the label desk runs
 *     in another process
 */
public record DashboardConfig(
        int history, int pictures, int pictureCacheBytes, int thumbnailPixels, Duration lagInterval, String labelUrl) {
    public DashboardConfig {
        atLeast("dashboard.history", history, 0);
        atLeast("dashboard.pictures", pictures, 0);
        atLeast("dashboard.picture-cache-bytes", pictureCacheBytes, 1);
        atLeast("dashboard.thumbnail-pixels", thumbnailPixels, 16);
        if (!labelUrl.startsWith("/") && !labelUrl.startsWith("http://") && !labelUrl.startsWith("https://")) {
            throw new IllegalArgumentException(
                    "dashboard.label-url is " + labelUrl + ": expected a path such as /label, or an http address");
        }
        if (lagInterval.toMillis() < 100) {
            throw new IllegalArgumentException("dashboard.lag-interval is " + lagInterval + ": expected 100ms or more");
        }
    }

    /** Returns the settings that hold unless configured. */
    public static DashboardConfig defaults() {
        return new DashboardConfig(50_000, 50, 64 * 1024 * 1024, 256, Duration.ofSeconds(1), "/label");
    }

    private static void atLeast(String key, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(key + " is " + value + ": expected " + least + " or more");
        }
    }
}
