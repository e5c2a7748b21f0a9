package io.maskstream.dashboard;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The history that the page draws: quality against people over time, and the swaps of the model.
 *
 * @param releases quality of each release on the evaluation split, oldest first
 * @param live rolling quality of the serving model on images drawn by chance, oldest first
 * @param audit rolling quality of pseudo-labels on audited images, oldest first
 * @param swaps versions that took over, oldest first
 */
public record LoopChart(List<Point> releases, List<Point> live, List<Point> audit, List<Swap> swaps) {
    public LoopChart {
        releases = List.copyOf(releases);
        live = List.copyOf(live);
        audit = List.copyOf(audit);
        swaps = List.copyOf(swaps);
    }

    /**
     * A measurement of a model version.
     *
     * @param status release status, or the name of the arm
     * @param miou mean intersection over union
     * @param low lower end of its 95 % interval
     * @param high upper end of its 95 % interval
     * @param images it was measured on
     */
    public record Point(
            Instant at, String modelVersion, String status, double miou, double low, double high, int images) {}

    /** A version that took over: when it was released, and when it made its first prediction (null: not yet seen). */
    public record Swap(String modelVersion, int round, Instant publishedAt, @Nullable Instant servingAt) {}
}
