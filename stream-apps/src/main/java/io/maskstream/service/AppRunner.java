package io.maskstream.service;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the stages of a process until a signal comes or one of them fails, then closes them in reverse order.
 *
 * <p>The build and the machine are logged once, at the start.
 */
public final class AppRunner {
    private static final Logger LOG = LoggerFactory.getLogger(AppRunner.class);
    private static final long CHECK_MILLIS = 500;

    private final List<App> apps;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /** @param apps upstream last, so that nobody waits for a stage that has not started */
    public AppRunner(List<? extends App> apps) {
        this.apps = List.copyOf(apps);
    }

    /** Asks {@link #run} to return; from any thread. */
    public void stop() {
        asked.countDown();
    }

    /** Starts the stages and waits; returns once all of them are closed. */
    public ExitCode run() {
        LOG.info(
                "Maskstream {} on Java {}, {} processors, {} MiB of heap",
                version(),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory() >> 20);
        Thread hook = new Thread(this::stopAndWait, "shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        List<App> started = new ArrayList<>();
        try {
            for (App app : apps) {
                started.add(app);
                app.start();
                LOG.info("Started {}", app.name());
            }
            return waitForTheEnd();
        } finally {
            Collections.reverse(started);
            closeAll(started);
            ended.countDown();
            removeHook(hook);
        }
    }

    private ExitCode waitForTheEnd() {
        try {
            while (!asked.await(CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
                for (App app : apps) {
                    if (!app.isHealthy()) {
                        LOG.error(
                                "{} has stopped working; see the errors above. Nothing is lost: start it again",
                                app.name());
                        return ExitCode.STAGE_FAILED;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ExitCode.OK;
    }

    /** Closes everything even if a close fails, and then throws what failed first. */
    private static void closeAll(List<App> started) {
        RuntimeException first = null;
        for (App app : started) {
            try {
                app.close();
            } catch (RuntimeException e) {
                LOG.error("{} did not close in order", app.name(), e);
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** The machine ends when its hooks return, so this one waits for the stages to close. */
    private void stopAndWait() {
        stop();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("Ending by a signal", e);
        }
    }

    private static String version() {
        @Nullable String version = AppRunner.class.getPackage().getImplementationVersion();
        return version == null ? "(development)" : version;
    }
}
