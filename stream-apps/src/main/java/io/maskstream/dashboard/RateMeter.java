package io.maskstream.dashboard;

import java.util.Arrays;

/** Counts records and says how many came per second over the last ten seconds; one bucket a second. */
final class RateMeter {
    /** Seconds that the rate looks back on. */
    static final int WINDOW_SECONDS = 10;

    private final long[] counts = new long[WINDOW_SECONDS];
    private final long[] seconds = new long[WINDOW_SECONDS];
    private long total;
    private boolean exact = true;

    RateMeter() {
        Arrays.fill(seconds, Long.MIN_VALUE);
    }

    /** Counts records that flow now. */
    void flowed(long records, long nowMillis) {
        total += records;
        long second = Math.floorDiv(nowMillis, 1000L);
        int bucket = (int) Math.floorMod(second, (long) WINDOW_SECONDS);
        if (seconds[bucket] != second) {
            seconds[bucket] = second;
            counts[bucket] = 0;
        }
        counts[bucket] += records;
    }

    /** Counts records that were there before anyone looked. */
    void found(long records) {
        total += records;
    }

    /** Counts offsets before the first record read; some may be markers of transactions, so the total is no longer exact. */
    void skipped(long offsets) {
        total += offsets;
        exact &= offsets == 0;
    }

    /** Returns records per second over the window that ends now. */
    double perSecond(long nowMillis) {
        long second = Math.floorDiv(nowMillis, 1000L);
        long sum = 0;
        for (int i = 0; i < WINDOW_SECONDS; i++) {
            if (seconds[i] > second - WINDOW_SECONDS && seconds[i] <= second) {
                sum += counts[i];
            }
        }
        return (double) sum / WINDOW_SECONDS;
    }

    long total() {
        return total;
    }

    boolean isExact() {
        return exact;
    }
}
