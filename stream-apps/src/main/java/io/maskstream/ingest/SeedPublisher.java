package io.maskstream.ingest;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.store.ContentStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/**
 * Sends images that already have masks straight to training: the seed set, or an evaluation split that a data set brings.
 *
 * <p>They pass neither inference nor routing. Each becomes a {@code TrainingSample} of origin HUMAN and reason SEED; sent
 * again, it is recognised as {@link Publisher} recognises images.
 */
public final class SeedPublisher implements AutoCloseable {
    private final ImageIntake intake;
    private final EventSender<TrainingSample> sender;
    private final IngestMetrics metrics;

    /** Its arguments are those of {@link Publisher}. */
    public SeedPublisher(
            IngestConfig config, KafkaConnection connection, Topics topics, ContentStore store, MeterRegistry registry)
            throws IOException {
        this.intake = new ImageIntake(config, store);
        this.metrics = new IngestMetrics(registry);
        this.sender = new EventSender<>(connection, topics.trainingSamples(), config.stateDir());
    }

    /**
     * Sends labelled items of a data set and returns when the brokers have them all.
     *
     * @param items some or all items of the data set
     * @param split whether they are learned from or measured on
     */
    public PublishReport publish(Dataset dataset, List<DatasetItem> items, Split split, PublishListener listener) {
        PublishTally tally = new PublishTally(metrics);
        long done = 0;
        for (DatasetItem item : items) {
            publish(dataset, item, split, tally);
            listener.progressed(++done, items.size(), item.id());
        }
        sender.flush();
        return tally.report();
    }

    /**
     * Sends one labelled image that is no data set's, and returns when the brokers have it.
     *
     * @param mask in the upright size of the image
     */
    public PublishReport publish(NewImage image, Mask mask, Split split) {
        PublishTally tally = new PublishTally(metrics);
        try {
            send(image, mask, split, tally);
        } catch (IOException e) {
            tally.rejected(image.name(), String.valueOf(e.getMessage()));
        }
        sender.flush();
        return tally.report();
    }

    private void publish(Dataset dataset, DatasetItem item, Split split, PublishTally tally) {
        String name = item.image().toString();
        try {
            if (item.mask() == null) {
                throw new IOException("it has no mask, which a " + split + " sample needs");
            }
            NewImage image = NewImage.of(dataset, split.name(), item);
            send(image, item.readMask(dataset.classes()), split, tally);
        } catch (IOException e) {
            tally.rejected(name, String.valueOf(e.getMessage()));
        }
    }

    private void send(NewImage image, Mask mask, Split split, PublishTally tally) throws IOException {
        ImageIntake.Checked checked = intake.check(image.content().read(intake.maxBytes()));
        if (mask.width() != checked.header().width()
                || mask.height() != checked.header().height()) {
            throw new IOException("its mask is " + mask.width() + "x" + mask.height() + " px, the image "
                    + checked.header().width() + "x" + checked.header().height());
        }
        if (sender.knows(checked.sha256())) {
            tally.duplicate();
            return;
        }
        ImageContent content = intake.content(checked);
        TrainingSample sample = TrainingSample.newBuilder()
                .setImageId(image.id() == null ? checked.id() : image.id())
                .setSource(image.source())
                .setContent(content)
                .setMask(ByteBuffer.wrap(GreyPng.encode(mask)))
                .setOrigin(Origin.HUMAN)
                .setSplit(split)
                .setReason(Reason.SEED)
                .setAnnotator(image.source())
                .setCreatedAt(Instant.now())
                .build();
        boolean stored = content.getReference() != null;
        sender.send(
                checked.sha256(),
                sample.getImageId(),
                sample,
                () -> tally.published(content.getSizeBytes(), stored),
                cause -> tally.rejected(image.name(), cause));
    }

    @Override
    public void close() throws IOException {
        sender.close();
    }
}
