package io.maskstream.inference;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.ingest.IngestConfig;
import io.maskstream.ingest.NewImage;
import io.maskstream.ingest.PublishListener;
import io.maskstream.ingest.PublishReport;
import io.maskstream.ingest.Publisher;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.store.FileContentStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** What surrounds the inference stage in its tests: topics of its own on a broker, a store, models, images. */
final class InferenceStage implements AutoCloseable {
    static final String LINE = "main";
    static final ClassList CLASSES = ClassList.of(List.of("road", "sky", "car"));
    static final int HEIGHT = 32;
    static final int WIDTH = 48;

    final KafkaConnection connection;
    final Topics topics;
    final FileContentStore store;
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private final Path dir;
    private final Producer<byte[], byte[]> raw;
    private final List<InferenceApp> apps = new ArrayList<>();

    InferenceStage(String bootstrapServers, Path dir) throws IOException {
        this.connection = KafkaConnection.to(bootstrapServers);
        this.topics = new Topics("t" + UUID.randomUUID().toString().substring(0, 8) + ".");
        this.dir = dir;
        this.store = new FileContentStore(dir.resolve("store"));
        try (Admin admin = Admin.create(connection.with(Map.of()))) {
            TopicCreation.create(admin, topics.all());
        }
        this.raw = new KafkaProducer<>(
                connection.with(Map.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_MESSAGE_BYTES)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Small batches and quick commits; everything else as usual. */
    InferenceConfig config(String instance) {
        return config(topics, instance);
    }

    static InferenceConfig config(Topics topics, String instance) {
        return config(topics, instance, FormChoice.AUTO);
    }

    static InferenceConfig config(Topics topics, String instance, FormChoice form) {
        InferenceConfig defaults = InferenceConfig.defaults();
        return new InferenceConfig(
                LINE,
                "cpu",
                form,
                1,
                4,
                Duration.ofMillis(10),
                1,
                1,
                32,
                defaults.maxDecodedBytes(),
                defaults.maxImageBytes(),
                defaults.maxImagePixels(),
                Duration.ofMillis(50),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                256,
                "inference-" + topics.prefix(),
                instance);
    }

    Path storeDir() {
        return dir.resolve("store");
    }

    InferenceApp start() {
        return start(config(""));
    }

    InferenceApp start(InferenceConfig config) {
        return start(config, new ModelTrial(config));
    }

    InferenceApp start(InferenceConfig config, ModelTrial trial) {
        InferenceApp app = new InferenceApp(config, connection, topics, store, registry, trial);
        apps.add(app);
        app.start();
        return app;
    }

    /** Writes a model that nobody trained; another seed gives other weights. */
    Path model(String version, long seed) throws IOException {
        return model(version, seed, CLASSES);
    }

    Path model(String version, long seed, ClassList classes) throws IOException {
        ModelProto trainable = StartingModels.named("light").build(classes, HEIGHT, WIDTH, seed);
        ModelMetadata metadata = ModelMetadata.read(trainable).named(LINE, version);
        Path file = dir.resolve(version + "-" + seed + ".onnx");
        ModelFile.write(file, PseudoLabelHead.attach(metadata.writeTo(trainable)));
        return file;
    }

    ModelRelease releaseOf(String version, int round, ModelStatus status, Path artefact) throws IOException {
        String key = store.put(artefact);
        return ModelRelease.newBuilder()
                .setLine(LINE)
                .setVersion(version)
                .setRound(round)
                .setStatus(status)
                .setArtefact(StoredArtefact.newBuilder()
                        .setReference(key)
                        .setSha256(key.substring("sha256/".length()))
                        .setSizeBytes(Files.size(artefact))
                        .build())
                .setClasses(CLASSES.names())
                .setMethod("none")
                .setTrainingOffsets(Map.of())
                .setDataHash("")
                .setLabels(0)
                .setUnlabelled(0)
                .setTrainSeconds(0)
                .setTemperature(1)
                .setReleasedAt(Instant.now())
                .build();
    }

    void release(ModelRelease release) {
        sendRaw(
                topics.models().name(),
                (release.getLine() + "/" + release.getVersion()).getBytes(java.nio.charset.StandardCharsets.UTF_8),
                topics.models().value().serializer().serialize(topics.models().name(), release));
    }

    /** Releases a model under a version and returns its file. */
    Path release(String version, int round, long seed) throws IOException {
        Path file = model(version, seed);
        release(releaseOf(version, round, round == 0 ? ModelStatus.STARTING : ModelStatus.CHAMPION, file));
        return file;
    }

    RecordMetadata sendRaw(String topic, byte @Nullable [] key, byte @Nullable [] value) {
        try {
            return raw.send(new ProducerRecord<>(topic, key, value)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    Publisher publisher() throws IOException {
        IngestConfig config = IngestConfig.defaults().withStateDir(dir.resolve("ingest"));
        return new Publisher(config, connection, topics, store, registry);
    }

    /** Publishes pictures of noise and returns how many were taken; the seed makes them other pictures. */
    PublishReport publish(int images, long seed) throws IOException, InterruptedException {
        try (Publisher publisher = publisher()) {
            List<NewImage> all = new ArrayList<>();
            Random random = new Random(seed);
            for (int i = 0; i < images; i++) {
                all.add(NewImage.of("noise-" + i, picture(random), "test"));
            }
            return publisher.publish(all.iterator(), images, 0, PublishListener.NONE);
        }
    }

    /** Returns a PNG of blocks of colour, between half and twice the model's size. */
    static byte[] picture(Random random) {
        int height = HEIGHT / 2 + random.nextInt(HEIGHT);
        int width = WIDTH / 2 + random.nextInt(WIDTH);
        byte[] pixels = new byte[3 * height * width];
        random.nextBytes(pixels);
        return ImageEncoder.png(new RgbImage(height, width, Bytes.wrap(pixels)));
    }

    List<Prediction> predictions() {
        return values(topics.predictions());
    }

    List<DeadLetter> deadLetters() {
        return values(topics.deadLetters());
    }

    private <V> List<V> values(Topic<String, V> topic) {
        return committed(topic.name(), topic.value().deserializer()).stream()
                .map(ConsumerRecord::value)
                .toList();
    }

    <V> List<ConsumerRecord<String, V>> committed(String topic, Deserializer<V> deserializer) {
        List<ConsumerRecord<String, V>> found = new ArrayList<>();
        try (Consumer<String, V> consumer = new KafkaConsumer<>(
                connection.with(Map.of(
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest")),
                new StringDeserializer(),
                deserializer)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(p -> new TopicPartition(topic, p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions); // the last stable offsets
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(50)).forEach(found::add);
            }
        }
        return found;
    }

    @Override
    public void close() {
        apps.forEach(InferenceApp::close);
        raw.close();
    }
}
