package io.maskstream.routing;

import java.util.Arrays;

/**
 * The newest scores of one model version in one partition, at most {@value #CAPACITY}.
 *
 * <p>Exact rather than a sketch: a copy and a sort of so few numbers cost microseconds, and a slot a score keeps the
 * store's change log at one small record a prediction. Not safe for threads; it belongs to one partition.
 */
final class ScoreWindow {
    /** Scores kept. */
    static final int CAPACITY = 512;

    /** With fewer scores a quantile says too little to decide by. */
    static final int ENOUGH = 20;

    private final String modelVersion;
    private final int modelRound;
    private final double[] ring = new double[CAPACITY];
    private long seen;

    ScoreWindow(String modelVersion, int modelRound) {
        this.modelVersion = modelVersion;
        this.modelRound = modelRound;
    }

    /** Returns a window that goes on from its kept slots. */
    static ScoreWindow of(String modelVersion, int modelRound, double[] slots, long seen) {
        ScoreWindow window = new ScoreWindow(modelVersion, modelRound);
        System.arraycopy(slots, 0, window.ring, 0, slots.length);
        window.seen = seen;
        return window;
    }

    String modelVersion() {
        return modelVersion;
    }

    int modelRound() {
        return modelRound;
    }

    /** Returns how many scores were ever added. */
    long seen() {
        return seen;
    }

    /** Returns how many scores it holds. */
    int size() {
        return (int) Math.min(seen, CAPACITY);
    }

    boolean hasEnough() {
        return seen >= ENOUGH;
    }

    /** Adds a score, the oldest leaves if it is full, and returns the slot it was put in. */
    int add(double score) {
        int slot = (int) (seen % CAPACITY);
        ring[slot] = score;
        seen++;
        return slot;
    }

    /** Returns the two quantiles, interpolated linearly between neighbours (Hyndman and Fan's definition 7). */
    Thresholds quantiles(double low, double high) {
        double[] sorted = Arrays.copyOf(ring, size());
        Arrays.sort(sorted);
        return new Thresholds(quantile(sorted, low), quantile(sorted, high));
    }

    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
