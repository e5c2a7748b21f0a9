package io.maskstream.ingest;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.service.App;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ingest as a running stage: publishes every image that appears in a folder or below it.
 *
 * <p>The folder is looked at again and again rather than subscribed to, because change notices get lost on network file
 * systems. A file counts once it has not changed for the settle time, so half-written files wait. Files stay where they
 * are; which were taken is remembered in the state folder. What is no image is counted, logged once and passed over until
 * the file changes.
 */
public final class IngestApp implements App {
    private static final Logger LOG = LoggerFactory.getLogger(IngestApp.class);

    private final IngestConfig config;
    private final Path folder;
    private final String source;
    private final Publisher publisher;
    private final TakenFiles taken;
    private final Thread thread;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean stopping;

    /**
     * Makes the stage; {@link #start()} starts it.
     *
     * @param folder the folder that is watched
     * @param source what the images get as their source
     * @throws IOException if the folder is none, the images topic does not exist or the state folder is unusable
     */
    public IngestApp(
            IngestConfig config,
            Path folder,
            String source,
            KafkaConnection connection,
            Topics topics,
            ContentStore store,
            MeterRegistry registry)
            throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder + " is no folder that can be watched");
        }
        this.config = config;
        this.folder = folder;
        this.source = source;
        this.publisher = new Publisher(config, connection, topics, store, registry);
        try {
            this.taken = new TakenFiles(config.stateDir().resolve("taken-files.txt"));
        } catch (IOException e) {
            publisher.close();
            throw e;
        }
        this.thread = new Thread(this::run, "ingest");
    }

    @Override
    public String name() {
        return "ingest";
    }

    @Override
    public void start() {
        thread.start();
    }

    private void run() {
        SettledFiles settling = new SettledFiles(config.settleTime());
        try {
            while (!stopping) {
                for (SettledFiles.Found found : settling.settled(look(), Instant.now())) {
                    if (stopping) {
                        return;
                    }
                    take(found);
                }
                Thread.sleep(config.scanInterval().toMillis());
            }
        } catch (InterruptedException | InterruptException e) {
            if (!stopping) {
                fail(e);
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        }
    }

    private List<SettledFiles.Found> look() throws IOException {
        List<SettledFiles.Found> found = new ArrayList<>();
        for (Path file : ImageFiles.under(folder)) {
            try {
                SettledFiles.Found one = new SettledFiles.Found(
                        file, Files.size(file), Files.getLastModifiedTime(file).toInstant());
                if (!taken.contains(one)) {
                    found.add(one);
                }
            } catch (NoSuchFileException e) {
                LOG.debug("{} went away while it was looked at", file);
            }
        }
        return found;
    }

    private void take(SettledFiles.Found found) throws IOException {
        PublishReport report = publisher.publish(NewImage.inFile(found.path(), source));
        for (PublishReport.Rejection rejection : report.rejected()) {
            LOG.warn("{} is not published: {}", rejection.file(), rejection.cause());
        }
        taken.add(found);
    }

    private void fail(Throwable cause) {
        failure.set(cause);
        LOG.error("Ingest stopped: {}", cause.getMessage(), cause);
    }

    @Override
    public boolean isHealthy() {
        return failure.get() == null;
    }

    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
        try {
            thread.join();
            publisher.close();
            taken.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("ingest did not close in order: " + e.getMessage(), e);
        }
    }
}
