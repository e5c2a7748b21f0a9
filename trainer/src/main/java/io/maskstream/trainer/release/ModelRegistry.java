package io.maskstream.trainer.release;

import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The releases of model lines, as the {@code models} topic holds them.
 *
 * <p>The topic is keyed by line and version, so compaction keeps the last record of every version; the release to serve is
 * the last record of the line with status STARTING or CHAMPION. Promoting a version writes its record anew with status
 * CHAMPION, which makes it the last. Every write is a transaction, so a writer with the same transactional id that was thought
 * dead is fenced.
 *
 * <p>Every question reads the topic to its end; it is small, one record a version.
 */
public final class ModelRegistry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final KafkaConnection connection;
    private final Topics topics;
    private final Clock clock;
    private final String transactionalId;
    private @Nullable Producer<String, ModelRelease> producer;

    /** Returns a registry for an operator's commands. */
    public ModelRegistry(KafkaConnection connection, Topics topics) {
        this(connection, topics, Clock.systemUTC(), topics.prefix() + "model-registry");
    }

    /**
     * @param transactionalId of the writer; a later registry with the same one fences this one's writes
     */
    public ModelRegistry(KafkaConnection connection, Topics topics, Clock clock, String transactionalId) {
        this.connection = connection;
        this.topics = topics;
        this.clock = clock;
        this.transactionalId = transactionalId;
    }

    /** Takes the right to write, so that an earlier writer with the same id can write no more. */
    public void fence() {
        writer();
    }

    /** Returns the last record of every version of a line, in the order in which they were written. */
    public List<ModelRelease> list(String line) {
        Map<String, ModelRelease> byVersion = new LinkedHashMap<>();
        for (ModelRelease release : read()) {
            if (release.getLine().equals(line)) {
                byVersion.remove(release.getVersion());
                byVersion.put(release.getVersion(), release);
            }
        }
        return List.copyOf(byVersion.values());
    }

    /** Returns the names of the lines that have a release. */
    public List<String> lines() {
        return read().stream().map(ModelRelease::getLine).distinct().sorted().toList();
    }

    /** Returns the last record of a version. */
    public Optional<ModelRelease> find(String line, String version) {
        return list(line).stream()
                .filter(release -> release.getVersion().equals(version))
                .findFirst();
    }

    /**
     * Returns the last record of a version.
     *
     * @throws IllegalArgumentException if the line has no such version, with those it has
     */
    public ModelRelease show(String line, String version) {
        List<ModelRelease> releases = list(line);
        return releases.stream()
                .filter(release -> release.getVersion().equals(version))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("model line " + line + " has no version " + version
                        + "; it has "
                        + releases.stream().map(ModelRelease::getVersion).toList()));
    }

    /** Returns the release that a line serves: its last with status STARTING or CHAMPION. */
    public Optional<ModelRelease> serving(String line) {
        return serving(list(line));
    }

    /** Returns the release to serve among the records of one line, oldest first. */
    public static Optional<ModelRelease> serving(Collection<ModelRelease> releases) {
        return releases.stream()
                .filter(release ->
                        release.getStatus() == ModelStatus.STARTING || release.getStatus() == ModelStatus.CHAMPION)
                .reduce((earlier, later) -> later);
    }

    /** Returns the champion or former champion with the highest mIoU of its release, if one has any. */
    public static Optional<ModelRelease> bestEver(Collection<ModelRelease> releases) {
        return releases.stream()
                .filter(release -> release.getStatus() == ModelStatus.CHAMPION)
                .filter(release -> release.getMetrics() != null)
                .reduce((a, b) -> miou(b) > miou(a) ? b : a);
    }

    private static double miou(ModelRelease release) {
        ModelMetrics metrics = release.getMetrics();
        return metrics == null ? Double.NaN : metrics.getMiou();
    }

    /**
     * Makes a version serve, whatever the gate said of it.
     *
     * @return the record written
     * @throws IllegalArgumentException if the line has no such version, with those it has
     */
    public ModelRelease promote(String line, String version) {
        ModelRelease promoted = ModelRelease.newBuilder(show(line, version))
                .setStatus(ModelStatus.CHAMPION)
                .setReleasedAt(clock.instant())
                .build();
        publish(promoted);
        return promoted;
    }

    /**
     * Withdraws the serving champion and lets the one before it serve again.
     *
     * @return the record of the version that serves now
     * @throws IllegalArgumentException if there is no earlier release to go back to
     */
    public ModelRelease rollback(String line) {
        List<ModelRelease> releases = list(line);
        ModelRelease current = serving(releases)
                .orElseThrow(() -> new IllegalArgumentException("model line " + line + " has no release"));
        ModelRelease previous = serving(releases.stream()
                        .filter(release -> !release.getVersion().equals(current.getVersion()))
                        .toList())
                .orElseThrow(() -> new IllegalArgumentException(
                        "model line " + line + " has no release before " + current.getVersion()));
        ModelRelease withdrawn =
                ModelRelease.newBuilder(current).setStatus(ModelStatus.RETIRED).build();
        ModelRelease again =
                ModelRelease.newBuilder(previous).setReleasedAt(clock.instant()).build();
        publish(withdrawn, again);
        return again;
    }

    /** Writes releases in one transaction and returns when they are committed. */
    public void publish(ModelRelease... releases) {
        Producer<String, ModelRelease> writer = writer();
        writer.beginTransaction();
        try {
            for (ModelRelease release : releases) {
                var unused =
                        writer.send(topics.models().record(release.getLine() + "/" + release.getVersion(), release));
            }
            writer.commitTransaction();
        } catch (KafkaException e) {
            abort(writer);
            throw e;
        }
    }

    private void abort(Producer<String, ModelRelease> writer) {
        try {
            writer.abortTransaction();
        } catch (KafkaException e) {
            LOG.warn("the transaction could not be aborted; the writer is closed", e);
            writer.close(Duration.ZERO);
            producer = null;
        }
    }

    private Producer<String, ModelRelease> writer() {
        Producer<String, ModelRelease> writer = producer;
        if (writer == null) {
            Map<String, Object> properties = connection.with(Map.of(
                    ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                    transactionalId,
                    ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                    Topics.MAX_MESSAGE_BYTES));
            writer = new KafkaProducer<>(
                    properties,
                    topics.models().key().serializer(),
                    topics.models().value().serializer());
            try {
                writer.initTransactions();
            } catch (KafkaException e) {
                writer.close(Duration.ZERO);
                throw e;
            }
            producer = writer;
        }
        return writer;
    }

    private List<ModelRelease> read() {
        List<ModelRelease> releases = new ArrayList<>();
        try (Consumer<String, byte[]> consumer = reader()) {
            String name = topics.models().name();
            List<TopicPartition> all = TopicPartitions.of(consumer, name);
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all, PATIENCE);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() > deadline) {
                    throw new KafkaException("the end of " + name + " was not reached within " + PATIENCE);
                }
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    decode(record).ifPresent(releases::add);
                }
            }
        }
        return releases;
    }

    private Optional<ModelRelease> decode(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(topics.models()
                    .value()
                    .deserializer()
                    .deserialize(record.topic(), record.headers(), record.value()));
        } catch (RuntimeException e) {
            LOG.warn(
                    "{} offset {} holds no model release and is passed over: {}",
                    record.topic(),
                    record.offset(),
                    e.toString());
            return Optional.empty();
        }
    }

    private Consumer<String, byte[]> reader() {
        Map<String, Object> properties = new HashMap<>(connection.with(Map.of(
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                IsolationLevel.READ_COMMITTED.toString().toLowerCase(java.util.Locale.ROOT),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false)));
        return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        Producer<String, ModelRelease> writer = producer;
        producer = null;
        if (writer != null) {
            writer.close();
        }
    }
}
