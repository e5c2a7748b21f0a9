package io.maskstream.service;

import org.jspecify.annotations.Nullable;

/** An {@link App} that is one Kafka Streams application: starts it once, knows how it does, and closes it. */
public abstract class StreamsApp implements App {
    private @Nullable StreamsProcess process;

    /**
     * Builds the application, after a check of the topics that it needs; {@link #start} starts it.
     *
     * @throws IllegalStateException if a topic is missing, or topics that are joined differ in partitions
     */
    protected abstract StreamsProcess build();

    /**
     * @throws IllegalStateException if it is started already, or the topics are not as it needs them
     */
    @Override
    public final synchronized void start() {
        if (process != null) {
            throw new IllegalStateException(name() + " is started already");
        }
        StreamsProcess starting = build();
        process = starting;
        starting.start();
    }

    @Override
    public final synchronized boolean isHealthy() {
        return process != null && process.isHealthy();
    }

    /** Says whether every partition is assigned and its stores are restored. */
    public final synchronized boolean isRunning() {
        return process != null && process.isRunning();
    }

    @Override
    public final synchronized void close() {
        if (process != null) {
            process.close();
            process = null;
        }
    }
}
