package io.maskstream.ingest;

import io.maskstream.schemas.event.ImageArrived;
import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.store.ContentStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Publishes images as {@code ImageArrived} events, the same bytes once.
 *
 * <p>The header of an image is checked before anything is sent, so that what is no image never enters the stream. An
 * image's id is taken from the SHA-256 of its bytes. Bytes that were published before, in this run or an earlier one, are
 * recognised by a {@link PublishedIndex} in the state folder and counted as duplicates.
 */
public final class Publisher implements AutoCloseable {
    private final ImageIntake intake;
    private final EventSender<ImageArrived> sender;
    private final IngestMetrics metrics;

    /**
     * @param store takes the images that are too large to travel inline
     * @throws IOException if the images topic does not exist, the cluster does not answer or the state folder is unusable
     */
    public Publisher(
            IngestConfig config, KafkaConnection connection, Topics topics, ContentStore store, MeterRegistry registry)
            throws IOException {
        this.intake = new ImageIntake(config, store);
        this.metrics = new IngestMetrics(registry);
        this.sender = new EventSender<>(connection, topics.images(), config.stateDir());
    }

    /** Publishes files; {@link ImageFiles#find} finds them. */
    public PublishReport publishFiles(List<Path> files, String source, double perSecond, PublishListener listener)
            throws InterruptedException {
        return publish(
                files.stream().map(file -> NewImage.inFile(file, source)).iterator(),
                files.size(),
                perSecond,
                listener);
    }

    /** Publishes the images of a data set's split, without their masks. */
    public PublishReport publishDataset(Dataset dataset, String split, double perSecond, PublishListener listener)
            throws InterruptedException {
        List<DatasetItem> items = dataset.items(split);
        return publish(
                items.stream().map(item -> NewImage.of(dataset, split, item)).iterator(),
                items.size(),
                perSecond,
                listener);
    }

    /**
     * Publishes images one by one and returns when the brokers have them all.
     *
     * @param total how many there are, for the listener; -1 if that is not known
     * @param perSecond at most so many images a second; 0 sets no limit
     * @throws org.apache.kafka.common.KafkaException if the cluster stops taking events
     */
    public PublishReport publish(Iterator<NewImage> images, long total, double perSecond, PublishListener listener)
            throws InterruptedException {
        Pace pace = new Pace(perSecond);
        PublishTally tally = new PublishTally(metrics);
        long done = 0;
        while (images.hasNext()) {
            pace.await();
            NewImage image = images.next();
            publish(image, tally);
            listener.progressed(++done, total, image.name());
        }
        sender.flush();
        return tally.report();
    }

    /** Publishes one image and returns when the brokers have it. */
    public PublishReport publish(NewImage image) {
        PublishTally tally = new PublishTally(metrics);
        publish(image, tally);
        sender.flush();
        return tally.report();
    }

    private void publish(NewImage image, PublishTally tally) {
        try {
            ImageIntake.Checked checked = intake.check(image.content().read(intake.maxBytes()));
            if (sender.knows(checked.sha256())) {
                tally.duplicate();
                return;
            }
            ImageContent content = intake.content(checked);
            ImageArrived event = arrived(image, checked, content);
            boolean stored = content.getReference() != null;
            sender.send(
                    checked.sha256(),
                    event.getId(),
                    event,
                    () -> tally.published(content.getSizeBytes(), stored),
                    cause -> tally.rejected(image.name(), cause));
        } catch (IOException e) {
            tally.rejected(image.name(), String.valueOf(e.getMessage()));
        }
    }

    private static ImageArrived arrived(NewImage image, ImageIntake.Checked checked, ImageContent content) {
        Instant now = Instant.now();
        Map<String, String> attributes = new HashMap<>(image.attributes());
        attributes.putIfAbsent("name", String.valueOf(Path.of(image.name()).getFileName()));
        return ImageArrived.newBuilder()
                .setId(image.id() == null ? checked.id() : image.id())
                .setSource(image.source())
                .setCapturedAt(image.capturedAt() == null ? now : image.capturedAt())
                .setPublishedAt(now)
                .setContent(content)
                .setAttributes(attributes)
                .build();
    }

    @Override
    public void close() throws IOException {
        sender.close();
    }
}
