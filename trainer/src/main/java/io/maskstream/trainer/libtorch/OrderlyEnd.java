package io.maskstream.trainer.libtorch;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Lets a signal end the process between two pieces of native work, never within one.
 *
 * <p>When a process exits, libtorch frees what it holds for all; a thread that still computes then reads what is gone, and a crash with a
 * dump stands where a plain end was asked for. The hook waits for the work under way, a training step at most, and lets no other begin.
 */
public final class OrderlyEnd {
    private static final ReadWriteLock WORK = new ReentrantReadWriteLock(true); // fair, so that the hook has its turn

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> WORK.writeLock().lock(), "libtorch-end"));
    }

    private OrderlyEnd() {}

    /** Does a piece of work whole; once the process is about to end, never returns. */
    public static <T> T whole(Supplier<T> work) {
        WORK.readLock().lock();
        try {
            return work.get();
        } finally {
            WORK.readLock().unlock();
        }
    }
}
