package io.maskstream.inference;

import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the models topic from its beginning and offers the release that is to serve.
 *
 * <p>At the start everything there is read before anything is chosen, so that the models of the past are not served one
 * after another. A release that cannot serve is reported as a dead letter of the models topic and passed over.
 */
final class ModelWatcher {
    private static final Logger LOG = LoggerFactory.getLogger(ModelWatcher.class);
    private static final String STAGE = "inference";
    private static final Duration POLL = Duration.ofMillis(100);

    private final InferenceConfig config;
    private final KafkaConnection connection;
    private final Topics topics;
    private final ModelAdmission admission;
    private final ServingSlot slot;
    private final InferenceMetrics metrics;
    private final Clock clock;
    private final ReleaseLine line;
    private final Map<Long, ConsumerRecord<byte @Nullable [], byte @Nullable []>> records = new HashMap<>();
    private long offered = -1;
    private @Nullable ModelRelease serving;
    private final Object admissionLock = new Object();
    private @Nullable Thread admitting;
    private volatile boolean stopping;

    ModelWatcher(
            InferenceConfig config,
            KafkaConnection connection,
            Topics topics,
            ModelAdmission admission,
            ServingSlot slot,
            InferenceMetrics metrics,
            Clock clock) {
        this.config = config;
        this.connection = connection;
        this.topics = topics;
        this.admission = admission;
        this.slot = slot;
        this.metrics = metrics;
        this.clock = clock;
        this.line = new ReleaseLine(config.line());
    }

    /** Asks it to end; an admission that is going on is interrupted, the clients of Kafka are not. */
    void stop() {
        synchronized (admissionLock) {
            stopping = true;
            if (admitting != null) {
                admitting.interrupt();
            }
        }
    }

    private ServingModel admit(ReleaseLine.Published published) throws RefusedReleaseException, InterruptedException {
        synchronized (admissionLock) {
            if (stopping) {
                throw new InterruptedException("inference is ending");
            }
            admitting = Thread.currentThread();
        }
        try {
            return admission.admit(published);
        } finally {
            synchronized (admissionLock) {
                admitting = null;
                var unused = Thread.interrupted(); // meant for the admission alone
            }
        }
    }

    /** Follows the topic until {@link #stop()}. */
    void run() throws InterruptedException {
        try (Consumer<byte @Nullable [], byte @Nullable []> consumer = new KafkaConsumer<>(
                        connection.with(Map.of(
                                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                                "read_committed",
                                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                                false,
                                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                                false,
                                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                                "earliest")),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
                Producer<String, DeadLetter> reports = new KafkaProducer<>(
                        connection.with(Map.of(
                                ProducerConfig.ACKS_CONFIG,
                                "all",
                                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                                true,
                                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                                Topics.MAX_MESSAGE_BYTES)),
                        topics.deadLetters().key().serializer(),
                        topics.deadLetters().value().serializer())) {
            List<TopicPartition> partitions = partitions(consumer);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            boolean caughtUp = false;
            while (!stopping) {
                for (ConsumerRecord<byte @Nullable [], byte @Nullable []> record : consumer.poll(POLL)) {
                    take(record, reports);
                }
                caughtUp = caughtUp
                        || ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
                if (caughtUp) {
                    choose(reports);
                }
            }
        }
    }

    /** Waits for the topic, which may be created after this process started. */
    private List<TopicPartition> partitions(Consumer<?, ?> consumer) throws InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        while (!stopping && partitions.isEmpty()) {
            for (PartitionInfo partition :
                    consumer.partitionsFor(topics.models().name())) {
                partitions.add(new TopicPartition(partition.topic(), partition.partition()));
            }
            if (partitions.isEmpty()) {
                Thread.sleep(POLL.toMillis());
            }
        }
        return partitions;
    }

    private void take(ConsumerRecord<byte @Nullable [], byte @Nullable []> record, Producer<String, DeadLetter> reports)
            throws InterruptedException {
        if (record.value() == null) {
            byte @Nullable [] key = record.key();
            if (key != null) {
                line.remove(new String(key, StandardCharsets.UTF_8));
            }
            return;
        }
        try {
            ModelRelease release = topics.models()
                    .value()
                    .deserializer()
                    .deserialize(record.topic(), record.headers(), record.value());
            if (release.getLine().equals(config.line())) {
                line.accept(
                        new ReleaseLine.Published(record.offset(), Instant.ofEpochMilli(record.timestamp()), release));
                records.put(record.offset(), record);
            }
        } catch (SerializationException e) {
            report(record, e, reports);
        }
    }

    /** Offers the first release that can serve, unless it was offered already. */
    private void choose(Producer<String, DeadLetter> reports) throws InterruptedException {
        for (ReleaseLine.Published published : line.candidates()) {
            if (published.offset() == offered) {
                return;
            }
            if (isServing(published.release())) {
                offered = published.offset(); // the same model, released again with its figures
                return;
            }
            try {
                slot.offer(admit(published));
                offered = published.offset();
                serving = published.release();
                return;
            } catch (RefusedReleaseException e) {
                line.refuse(published);
                metrics.refusedReleases.increment();
                LOG.warn("Release {} is refused: {}", published.release().getVersion(), e.getMessage());
                ConsumerRecord<byte @Nullable [], byte @Nullable []> record = records.get(published.offset());
                if (record != null) {
                    report(record, e, reports);
                }
            }
        }
    }

    private boolean isServing(ModelRelease release) {
        return serving != null
                && serving.getVersion().equals(release.getVersion())
                && serving.getArtefact().equals(release.getArtefact())
                && serving.getVariants().equals(release.getVariants());
    }

    private void report(
            ConsumerRecord<byte @Nullable [], byte @Nullable []> record,
            Exception cause,
            Producer<String, DeadLetter> reports)
            throws InterruptedException {
        DeadLetter letter = DeadLetters.of(STAGE, record, cause, clock.instant());
        try {
            reports.send(topics.deadLetters().record(DeadLetters.keyOf(letter), letter))
                    .get();
        } catch (ExecutionException e) {
            throw new KafkaException("a dead letter could not be sent: " + e.getMessage(), e);
        }
    }
}
