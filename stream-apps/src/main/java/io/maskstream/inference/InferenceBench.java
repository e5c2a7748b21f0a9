package io.maskstream.inference;

import io.maskstream.ingest.IngestConfig;
import io.maskstream.ingest.NewImage;
import io.maskstream.ingest.PublishListener;
import io.maskstream.ingest.PublishReport;
import io.maskstream.ingest.Publisher;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.ModelOutput;
import io.maskstream.segmentation.model.PreparedImage;
import io.maskstream.segmentation.store.FileContentStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Measures images a second through the whole stage against plain loops over the same model and images in the same run.
 *
 * <p>Two references, since they answer two questions. The raw loop only runs the model, on images that were decoded and
 * resized beforehand: what the stage costs beside the model. The plain loop decodes, runs and encodes as well, in one
 * thread and without Kafka: what the stage costs, or wins, beside the same work.
 */
public final class InferenceBench {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String LINE = "bench";

    private final InferenceConfig config;
    private final KafkaConnection connection;

    /**
     * One comparison.
     *
     * @param what what was measured, with its unit
     * @param ours images a second through the stage
     * @param reference images a second through the loop it is compared with
     * @param ratio ours divided by the reference; large is good
     */
    public record Run(String what, double ours, double reference, double ratio) {}

    /**
     * @param config the stage's settings; line, group and instance are replaced
     * @param connection a cluster on which topics of its own are made and deleted again
     */
    public InferenceBench(InferenceConfig config, KafkaConnection connection) {
        this.config = config.withLine(LINE).withGroup("maskstream-bench-" + UUID.randomUUID(), "");
        this.connection = connection;
    }

    /**
     * Runs the bench.
     *
     * @param model a model file
     * @param images encoded images, each other bytes
     * @param rounds how often all of them go through each loop; the best round counts
     * @param workDir for the store and the state, empty
     */
    public List<Run> run(Path model, List<byte[]> images, int rounds, Path workDir)
            throws IOException, InterruptedException {
        if (images.isEmpty() || rounds < 1) {
            throw new IllegalArgumentException("a bench needs images and at least 1 round, found " + images.size()
                    + " images and " + rounds + " rounds");
        }
        double raw = 0;
        double plain = 0;
        try (InferenceModel opened = InferenceModel.open(model, Device.parse(config.device()), config.threads())) {
            ImageDecoder decoder = new ImageDecoder(new ImageLimits(config.maxImageBytes(), config.maxImagePixels()));
            List<PreparedImage> prepared = new ArrayList<>();
            for (byte[] image : images) {
                prepared.add(opened.prepare(decoder.decode(image)));
            }
            try (RawLoop loop = new RawLoop(model, opened.device(), config.threads(), config.batchSize())) {
                for (int round = 0; round < rounds; round++) {
                    raw = Math.max(raw, perSecond(images.size(), loop.nanos(prepared)));
                }
            }
            for (int round = 0; round < rounds; round++) {
                plain = Math.max(plain, plainLoop(opened, decoder, images));
            }
        }
        double ours = stage(model, images, rounds, workDir);
        return List.of(
                new Run("images/s against the raw ONNX Runtime loop", ours, raw, ours / raw),
                new Run("images/s against decode, run, encode in one thread", ours, plain, ours / plain));
    }

    private double plainLoop(InferenceModel model, ImageDecoder decoder, List<byte[]> images) throws IOException {
        long start = System.nanoTime();
        List<PreparedImage> batch = new ArrayList<>();
        long encoded = 0;
        for (int i = 0; i < images.size(); i++) {
            batch.add(model.prepare(decoder.decode(images.get(i))));
            if (batch.size() == config.batchSize() || i == images.size() - 1) {
                for (ModelOutput output : model.runPrepared(batch)) {
                    encoded += GreyPng.encode(output.mask()).length;
                    encoded += GreyPng.encode(output.confidence()).length;
                }
                batch.clear();
            }
        }
        if (encoded == 0) {
            throw new IllegalStateException("nothing was encoded");
        }
        return perSecond(images.size(), System.nanoTime() - start);
    }

    /** All images are on the topic before the stage may run, so that it is the stage that is measured. */
    private double stage(Path model, List<byte[]> images, int rounds, Path workDir)
            throws IOException, InterruptedException {
        double best = 0;
        for (int round = 0; round < rounds; round++) {
            Topics topics = new Topics("bench-" + UUID.randomUUID() + ".");
            FileContentStore store = new FileContentStore(workDir.resolve("store"));
            try (Admin admin = Admin.create(connection.with(Map.of()))) {
                TopicCreation.create(admin, topics.all());
                try {
                    best = Math.max(best, stage(model, images, topics, store, workDir.resolve("round-" + round)));
                } finally {
                    admin.deleteTopics(topics.all().stream()
                                    .map(topic -> topic.name())
                                    .toList())
                            .all()
                            .get();
                }
            } catch (ExecutionException e) {
                throw new IOException("the bench's topics were not deleted: " + e.getMessage(), e);
            } catch (TimeoutException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        return best;
    }

    private double stage(Path model, List<byte[]> images, Topics topics, FileContentStore store, Path stateDir)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        int warmUp = images.size() / 4; // until the code is compiled and batches are full
        long published = publish(images, topics, store, stateDir, registry);
        InferenceConfig own = config.withGroup(config.group() + "-" + stateDir.getFileName(), "");
        try (InferenceApp app = new InferenceApp(own, connection, topics, store, registry);
                Consumer<byte[], byte[]> results = results(topics)) {
            app.start();
            release(model, topics, store);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            long seen = 0;
            long serving = System.nanoTime();
            boolean serves = false;
            long start = 0;
            long from = 0;
            while (seen < published) {
                if (!serves) {
                    serves = !app.swaps().isEmpty();
                    serving = System.nanoTime();
                }
                seen += results.poll(Duration.ofMillis(20)).count();
                if (start == 0 && seen >= warmUp) {
                    start = System.nanoTime();
                    from = seen;
                }
                if (System.nanoTime() - deadline > 0 || !app.isHealthy()) {
                    throw new TimeoutException(
                            "of " + published + " images " + seen + " came out of the stage: " + app.failure());
                }
            }
            // So few images that one transaction held them all have no warm-up that could be left out.
            return seen == from
                    ? perSecond(seen, System.nanoTime() - serving)
                    : perSecond(seen - from, System.nanoTime() - start);
        }
    }

    private long publish(
            List<byte[]> images, Topics topics, FileContentStore store, Path stateDir, SimpleMeterRegistry registry)
            throws IOException, InterruptedException {
        IngestConfig ingest = IngestConfig.defaults().withStateDir(stateDir);
        try (Publisher publisher = new Publisher(ingest, connection, topics, store, registry)) {
            List<NewImage> all = new ArrayList<>();
            for (int i = 0; i < images.size(); i++) {
                all.add(NewImage.of("bench-" + i, images.get(i), LINE));
            }
            PublishReport report = publisher.publish(all.iterator(), all.size(), 0, PublishListener.NONE);
            if (report.published() < 2) {
                throw new IllegalArgumentException("the bench needs at least 2 different images: " + report);
            }
            return report.published();
        }
    }

    private Consumer<byte[], byte[]> results(Topics topics) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, config.group() + "-results");
        Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                connection.with(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(
                List.of(topics.predictions().name(), topics.deadLetters().name()));
        return consumer;
    }

    private void release(Path model, Topics topics, FileContentStore store)
            throws IOException, InterruptedException, ExecutionException {
        String key = store.put(model);
        ModelMetadata metadata = ModelMetadata.read(ModelFile.read(model));
        ModelRelease release = ModelRelease.newBuilder()
                .setLine(LINE)
                .setVersion(metadata.version())
                .setRound(metadata.round())
                .setStatus(ModelStatus.STARTING)
                .setArtefact(new StoredArtefact(key, key.substring("sha256/".length()), Files.size(model)))
                .setClasses(metadata.classes().names())
                .setMethod(metadata.method())
                .setTrainingOffsets(Map.of())
                .setDataHash(metadata.dataHash())
                .setLabels(0)
                .setUnlabelled(0)
                .setTrainSeconds(0)
                .setTemperature(metadata.temperature())
                .setReleasedAt(Instant.now())
                .build();
        try (Producer<String, ModelRelease> producer = new KafkaProducer<>(
                connection.with(Map.of()),
                topics.models().key().serializer(),
                topics.models().value().serializer())) {
            producer.send(topics.models().record(LINE + "/" + metadata.version(), release))
                    .get();
        }
    }

    private static double perSecond(long images, long nanos) {
        return images / (Math.max(1, nanos) / 1e9);
    }
}
