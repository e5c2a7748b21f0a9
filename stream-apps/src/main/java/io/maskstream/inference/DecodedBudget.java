package io.maskstream.inference;

import java.util.concurrent.Semaphore;

/** Bounds the bytes of decoded pixels that are held at once; an image larger than all of it goes through alone. */
final class DecodedBudget {
    private static final int UNIT_BYTES = 1024;

    private final int units;
    private final Semaphore free;

    DecodedBudget(long bytes) {
        this.units = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / UNIT_BYTES));
        this.free = new Semaphore(units, true); // fair, so that a large image is not passed by small ones for ever
    }

    /** Waits until an image of so many bytes may be decoded. */
    Share take(long bytes) throws InterruptedException {
        int wanted = (int) Math.min(units, (bytes + UNIT_BYTES - 1) / UNIT_BYTES);
        free.acquire(wanted);
        return new Share(free, wanted);
    }

    /** What one image holds of the budget. */
    static final class Share {
        private final Semaphore free;
        private int units;

        private Share(Semaphore free, int units) {
            this.free = free;
            this.units = units;
        }

        /** Gives it back; a second time does nothing. */
        synchronized void giveBack() {
            free.release(units);
            units = 0;
        }
    }
}
