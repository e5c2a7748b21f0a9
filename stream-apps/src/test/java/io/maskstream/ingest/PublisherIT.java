package io.maskstream.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.ImageArrived;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.store.FileContentStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final IngestConfig DEFAULTS = IngestConfig.defaults();
    private static EmbeddedBroker broker;

    @TempDir
    private Path dir;

    private final Topics topics = new Topics("t" + UUID.randomUUID().toString().substring(0, 8) + ".");
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private KafkaConnection connection;
    private FileContentStore store;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.temporary();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void surround() throws Exception {
        connection = KafkaConnection.to(broker.bootstrapServers());
        store = new FileContentStore(dir.resolve("store"));
        try (Admin admin = Admin.create(connection.with(Map.of()))) {
            TopicCreation.create(admin, topics.all());
        }
    }

    @Test
    void publishesEachImageOnce_withinARunAndAcrossRuns() throws Exception {
        Path images = Files.createDirectories(dir.resolve("images"));
        Files.write(images.resolve("a.png"), picture(1, 20));
        Files.write(images.resolve("b.png"), picture(2, 20));
        Files.write(images.resolve("same-as-a.png"), picture(1, 20));
        Files.writeString(images.resolve("text.png"), "no picture at all");
        Files.write(images.resolve("cut-off.png"), Arrays.copyOf(picture(3, 20), 20));
        List<String> told = new ArrayList<>();

        PublishReport first = publish(images, (done, total, name) -> told.add(done + "/" + total));

        assertThat(first.published()).isEqualTo(2);
        assertThat(first.duplicates()).isEqualTo(1);
        assertThat(first.rejected().stream()
                        .map(r -> Path.of(r.file()).getFileName().toString()))
                .containsExactlyInAnyOrder("text.png", "cut-off.png");
        assertThat(first.rejected()).allMatch(rejection -> rejection.cause().length() > 10);
        assertThat(told).containsExactly("1/5", "2/5", "3/5", "4/5", "5/5");

        Files.write(images.resolve("new.png"), picture(4, 20));
        PublishReport second = publish(images, PublishListener.NONE);

        assertThat(second.published()).isEqualTo(1);
        assertThat(second.duplicates()).isEqualTo(3);
        List<ImageArrived> events = read(topics.images());
        assertThat(events).hasSize(3);
        assertThat(events).allSatisfy(event -> {
            assertThat(event.getId()).isEqualTo(event.getContent().getSha256().substring(0, 32));
            assertThat(event.getSource()).isEqualTo("camera");
            assertThat(event.getContent().getMediaType()).isEqualTo("image/png");
            assertThat(event.getContent().getWidth()).isEqualTo(30);
            assertThat(event.getContent().getHeight()).isEqualTo(20);
            assertThat(event.getContent().getReference()).isNull();
            assertThat(event.getAttributes().get("name")).endsWith(".png");
        });
        assertThat(registry.get("ingest.images")
                        .tag("outcome", "rejected")
                        .counter()
                        .count())
                .isEqualTo(4);
    }

    @Test
    void storesTheImageFirst_whenItIsTooLargeToGoInline() throws Exception {
        IngestConfig small = new IngestConfig(
                dir.resolve("state"), 100_000, 5_000, 1_000, DEFAULTS.scanInterval(), DEFAULTS.settleTime());
        byte[] large = picture(1, 20);
        assertThat(large.length).isGreaterThan(1_000);
        try (Publisher publisher = new Publisher(small, connection, topics, store, registry)) {
            assertThat(publisher
                            .publish(NewImage.of("large.png", large, "camera"))
                            .published())
                    .isEqualTo(1);
            PublishReport tooManyPixels = publisher.publish(NewImage.of("huge.png", picture(2, 200), "camera"));
            assertThat(tooManyPixels.rejected()).singleElement().satisfies(rejection -> assertThat(rejection.cause())
                    .contains("5000"));
        }
        ImageArrived event = read(topics.images()).get(0);
        assertThat(event.getContent().getBytes()).isNull();
        assertThat(event.getContent().getReference())
                .isEqualTo("sha256/" + event.getContent().getSha256());
        assertThat(store.get(event.getContent().getReference(), 100_000)).isEqualTo(large);
    }

    @Test
    void holdsTheRate_whenOneIsGiven() throws Exception {
        List<NewImage> images = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            images.add(NewImage.of(i + ".png", picture(i, 8), "camera"));
        }
        try (Publisher publisher = publisher()) {
            long start = System.nanoTime();
            publisher.publish(images.iterator(), 6, 20, PublishListener.NONE);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(250));
        }
        assertThatThrownBy(() -> new Pace(-1)).hasMessageContaining("images a second");
    }

    @Test
    void saysWhatToDo_whenTheTopicIsMissing() {
        Topics others = new Topics("missing.");
        assertThatThrownBy(() -> new Publisher(DEFAULTS.withStateDir(dir), connection, others, store, registry))
                .hasMessageContaining("missing.images")
                .hasMessageContaining("topics create");
    }

    @Test
    void publishesWhatAppearsInAFolder_onceItIsWholeAndAcrossRestarts() throws Exception {
        Path folder = Files.createDirectories(dir.resolve("watched"));
        Files.write(folder.resolve("first.png"), picture(1, 20));
        byte[] second = picture(2, 20);
        Files.write(folder.resolve("half.png"), Arrays.copyOf(second, second.length / 2));
        IngestConfig quick = new IngestConfig(
                dir.resolve("state"), 100_000, 100_000, 100_000, Duration.ofMillis(20), Duration.ofMillis(400));
        try (IngestApp app = new IngestApp(quick, folder, "camera", connection, topics, store, registry)) {
            app.start();
            Files.write(folder.resolve("half.png"), second);
            await().atMost(PATIENCE).until(() -> read(topics.images()).size() == 2);
            Files.writeString(folder.resolve("text.jpg"), "no picture");
            await().atMost(PATIENCE).until(() -> rejected() == 1);
            assertThat(app.isHealthy()).isTrue();
        }
        Files.write(folder.resolve("later.png"), picture(3, 20));
        try (IngestApp app = new IngestApp(quick, folder, "camera", connection, topics, store, registry)) {
            app.start();
            await().atMost(PATIENCE).until(() -> read(topics.images()).size() == 3);
        }
        assertThat(rejected()).isEqualTo(1); // looked at once, not at each start
        assertThat(registry.get("ingest.images")
                        .tag("outcome", "duplicate")
                        .counter()
                        .count())
                .isZero();
    }

    @Test
    void sendsSeedsStraightToTraining_whenADataSetHasMasks() throws Exception {
        Path camVid = Path.of(System.getProperty("maskstream.datasets", "none")).resolve("CamVid");
        assumeThat(camVid).as("the CamVid data set is not on this machine").isDirectory();
        Dataset dataset = Datasets.open(camVid);
        IngestConfig config = DEFAULTS.withStateDir(dir.resolve("state"));
        for (int run = 0; run < 2; run++) {
            try (SeedPublisher seeds = new SeedPublisher(config, connection, topics, store, registry)) {
                PublishReport report = seeds.publish(
                        dataset, dataset.items("val").subList(0, 3), Split.EVALUATION, PublishListener.NONE);
                assertThat(report.published()).isEqualTo(run == 0 ? 3 : 0);
                assertThat(report.duplicates()).isEqualTo(run == 0 ? 0 : 3);
            }
        }
        List<TrainingSample> samples = read(topics.trainingSamples());
        assertThat(samples).hasSize(3).allSatisfy(sample -> {
            assertThat(sample.getOrigin()).isEqualTo(Origin.HUMAN);
            assertThat(sample.getReason()).isEqualTo(Reason.SEED);
            assertThat(sample.getSplit()).isEqualTo(Split.EVALUATION);
            ByteBuffer mask = sample.getMask();
            byte[] png = new byte[mask.remaining()];
            mask.duplicate().get(png);
            assertThat(GreyPng.mask(png, 10_000_000).width())
                    .isEqualTo(sample.getContent().getWidth());
        });
        assertThat(samples.get(0).getSource()).isEqualTo(dataset.name());
    }

    private double rejected() {
        return registry.get("ingest.images")
                .tag("outcome", "rejected")
                .counter()
                .count();
    }

    private Publisher publisher() throws Exception {
        return new Publisher(DEFAULTS.withStateDir(dir.resolve("state")), connection, topics, store, registry);
    }

    private PublishReport publish(Path folder, PublishListener listener) throws Exception {
        try (Publisher publisher = publisher()) {
            return publisher.publishFiles(ImageFiles.find(List.of(folder.toString())), "camera", 0, listener);
        }
    }

    private static byte[] picture(long seed, int height) {
        byte[] pixels = new byte[3 * height * 30];
        new Random(seed).nextBytes(pixels);
        return ImageEncoder.png(new RgbImage(height, 30, Bytes.wrap(pixels)));
    }

    private <V> List<V> read(Topic<String, V> topic) {
        List<V> found = new ArrayList<>();
        try (KafkaConsumer<String, V> consumer = new KafkaConsumer<>(
                connection.with(Map.of()),
                topic.key().deserializer(),
                topic.value().deserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(p -> new TopicPartition(topic.name(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(50)).forEach(record -> found.add(record.value()));
            }
        }
        return found;
    }
}
