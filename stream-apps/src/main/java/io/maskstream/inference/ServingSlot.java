package io.maskstream.inference;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds the model that serves and the one that is to serve next.
 *
 * <p>The watcher offers; the thread that runs batches advances, between two of them. So a batch has one model, and the
 * old model is closed when nothing runs on it any more.
 */
final class ServingSlot implements AutoCloseable {
    private final Clock clock;
    private final Consumer<SwapRecord> onSwap;
    private final Semaphore offered = new Semaphore(0);
    private final List<SwapRecord> swaps = new CopyOnWriteArrayList<>();
    private volatile @Nullable ServingModel current;
    private @Nullable ServingModel next;
    private boolean closed;

    ServingSlot(Clock clock, Consumer<SwapRecord> onSwap) {
        this.clock = clock;
        this.onSwap = onSwap;
    }

    /** Returns the model that serves; null before there is one. Only the running thread may run it. */
    @Nullable
    ServingModel current() {
        return current;
    }

    /** Hands over a model; one that was offered before and never served is closed. */
    synchronized void offer(ServingModel model) {
        if (closed) {
            model.close();
            return;
        }
        if (next != null) {
            next.close();
        }
        next = model;
        offered.release();
    }

    /** Waits a while for a model to be offered. */
    void awaitOffer(long millis) throws InterruptedException {
        var unused = offered.tryAcquire(millis, TimeUnit.MILLISECONDS); // woken too early, the caller just asks again
    }

    /** Takes the offered model into service, if there is one, closes the one before it, and returns what serves now. */
    @Nullable
    ServingModel advance() {
        ServingModel before;
        ServingModel after;
        synchronized (this) {
            if (next == null) {
                return current;
            }
            before = current;
            after = next;
            current = after;
            next = null;
        }
        SwapRecord swap = new SwapRecord(
                after.version(), after.round(), after.form().wireName(), after.publishedAt(), clock.instant());
        swaps.add(swap);
        onSwap.accept(swap);
        if (before != null) {
            before.close();
        }
        return after;
    }

    /** Returns every change of the serving model since the start, oldest first. */
    List<SwapRecord> swaps() {
        return List.copyOf(swaps);
    }

    /** Closes what is held; called when no batch runs any more. */
    @Override
    public synchronized void close() {
        closed = true;
        if (next != null) {
            next.close();
            next = null;
        }
        ServingModel serving = current;
        current = null;
        if (serving != null) {
            serving.close();
        }
    }
}
