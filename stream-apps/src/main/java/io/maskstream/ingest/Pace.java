package io.maskstream.ingest;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Holds a caller to at most so many calls a second, evenly spaced. */
final class Pace {
    private final long intervalNanos;
    private long nextAt = Long.MIN_VALUE;

    /**
     * @param perSecond calls a second; 0 sets no limit
     * @throws IllegalArgumentException if the rate is negative or no number
     */
    Pace(double perSecond) {
        if (!(perSecond >= 0) || Double.isInfinite(perSecond)) {
            throw new IllegalArgumentException("a rate must be 0 (no limit) or more images a second, not " + perSecond);
        }
        this.intervalNanos = perSecond == 0 ? 0 : (long) (Duration.ofSeconds(1).toNanos() / perSecond);
    }

    /** Waits for the next turn; returns at once where there is no limit. */
    void await() throws InterruptedException {
        if (intervalNanos == 0) {
            return;
        }
        long now = System.nanoTime();
        if (nextAt == Long.MIN_VALUE || nextAt - now < -intervalNanos) {
            nextAt = now; // a caller that fell behind does not catch up in a burst
        }
        while (nextAt - now > 0) {
            LockSupport.parkNanos(nextAt - now);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            now = System.nanoTime();
        }
        nextAt += intervalNanos;
    }
}
