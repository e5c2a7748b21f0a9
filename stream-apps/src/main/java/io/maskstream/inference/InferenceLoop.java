package io.maskstream.inference;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads images, hands them to the pipeline, and commits what comes out of it together with how far it has read.
 *
 * <p>One thread, one transactional producer. Outputs are sent in the order of their partition, and the offset that a
 * transaction commits is the one after the last output in it, so that an image is predicted exactly once for every reader
 * of committed records, whatever dies when. The consumer's group metadata goes with the offsets, so the commit of a
 * process that lost its partitions is refused (KIP-447); its outputs are aborted and its work is dropped.
 */
final class InferenceLoop implements ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(InferenceLoop.class);
    private static final Duration BUSY_POLL = Duration.ofMillis(4);
    private static final Duration IDLE_POLL = Duration.ofMillis(50);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final int SESSION_TIMEOUT_MILLIS = 15_000;
    private static final int COMMIT_TRIES = 3;
    private static final int MOST_RECOVERIES = 10;

    private final InferenceConfig config;
    private final KafkaConnection connection;
    private final Topics topics;
    private final ServingSlot slot;
    private final InferencePipeline pipeline;
    private final InferenceMetrics metrics;

    private final InFlight inFlight = new InFlight();
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> pending = new HashMap<>();
    private final Consumer<byte @Nullable [], byte @Nullable []> consumer;
    private Producer<byte[], byte[]> producer;
    private final List<Work.Outcome> uncounted = new ArrayList<>();
    private int recoveries;
    private boolean inTransaction;
    private long transactionStart;
    private boolean full;
    private boolean ended;
    private volatile boolean stopping;

    InferenceLoop(
            InferenceConfig config,
            KafkaConnection connection,
            Topics topics,
            ServingSlot slot,
            InferencePipeline pipeline,
            InferenceMetrics metrics) {
        this.config = config;
        this.connection = connection;
        this.topics = topics;
        this.slot = slot;
        this.pipeline = pipeline;
        this.metrics = metrics;
        this.consumer = consumer();
        this.producer = producer();
    }

    Consumer<?, ?> kafkaConsumer() {
        return consumer;
    }

    Producer<?, ?> kafkaProducer() {
        return producer;
    }

    private Consumer<byte @Nullable [], byte @Nullable []> consumer() {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, topics.clientName(config.group()));
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_TIMEOUT_MILLIS);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Math.max(1, config.maxInFlight() / 2));
        settings.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        if (!config.instance().isEmpty()) {
            settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, config.instance()); // a restart keeps its partitions
        }
        return new KafkaConsumer<>(connection.with(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private Producer<byte[], byte[]> producer() {
        String instance = config.instance().isEmpty() ? UUID.randomUUID().toString() : config.instance();
        return new KafkaProducer<>(
                connection.with(Map.of(
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        topics.clientName(config.group()) + "-" + instance,
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        (int) config.transactionTimeout().toMillis(),
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        256 * 1024,
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        4L * Topics.MAX_MESSAGE_BYTES,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        Topics.MAX_MESSAGE_BYTES)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Asks the loop to end after what it is doing. */
    void stop() {
        stopping = true;
    }

    /** Closes the clients of a loop that never ran. */
    void abandon() {
        consumer.close();
        producer.close(Duration.ZERO);
    }

    /**
     * Runs until {@link #stop()}; then commits what is finished and leaves the rest to whoever takes over.
     *
     * @throws KafkaException if the stage cannot go on; nothing is lost, since nothing uncommitted counts
     */
    void run() {
        try {
            producer.initTransactions();
            consumer.subscribe(List.of(topics.images().name()), this);
            while (!stopping) {
                pipeline.throwFailure();
                pauseOrResume();
                takeIn(poll());
                sendFinished();
                if (inTransaction && (inFlight.size() == 0 || isCommitDue())) {
                    commit();
                }
            }
            sendFinished();
            commit();
        } finally {
            ended = true; // leaving the group calls the listener, which has nothing left to save
            inFlight.dropAll();
            consumer.close();
            producer.close(CLOSE_PATIENCE);
        }
    }

    private ConsumerRecords<byte @Nullable [], byte @Nullable []> poll() {
        try {
            return consumer.poll(inFlight.size() > 0 ? BUSY_POLL : IDLE_POLL);
        } catch (FencedInstanceIdException e) {
            throw takenOver(e);
        }
    }

    private void takeIn(ConsumerRecords<byte @Nullable [], byte @Nullable []> records) {
        for (ConsumerRecord<byte @Nullable [], byte @Nullable []> record : records) {
            Work work = new Work(record);
            inFlight.add(work);
            pipeline.submit(work);
        }
    }

    private void pauseOrResume() {
        boolean hasNoModel = slot.current() == null;
        if (inFlight.size() >= config.maxInFlight()) {
            full = true;
        } else if (inFlight.size() <= config.maxInFlight() / 2) {
            full = false;
        }
        if (full || hasNoModel) {
            consumer.pause(consumer.assignment()); // every time: partitions that were just assigned come unpaused
        } else {
            consumer.resume(consumer.paused());
        }
        metrics.paused(full, hasNoModel);
        metrics.inFlight(inFlight.size());
    }

    private boolean isCommitDue() {
        return System.nanoTime() - transactionStart >= config.commitInterval().toNanos();
    }

    private void sendFinished() {
        for (Work work = inFlight.pollFinished(); work != null; work = inFlight.pollFinished()) {
            Work.Outcome outcome = work.outcome();
            if (outcome == null) {
                throw new IllegalStateException("work was handed out before it had an outcome");
            }
            if (!inTransaction) {
                producer.beginTransaction();
                inTransaction = true;
                transactionStart = System.nanoTime();
            }
            try {
                // What goes wrong later comes back from the commit, which waits for every send.
                var unused = producer.send(new ProducerRecord<>(outcome.topic(), outcome.key(), outcome.value()));
            } catch (KafkaException e) {
                recover(e);
                return;
            }
            ConsumerRecord<?, ?> record = work.record();
            pending.put(work.partition(), new OffsetAndMetadata(record.offset() + 1, record.leaderEpoch(), ""));
            uncounted.add(outcome.counted());
        }
    }

    private void count(Work.Outcome outcome) {
        if (outcome.arrivedAt() == null) {
            metrics.refusedImages.increment();
        } else {
            metrics.predicted.increment();
            Duration latency = Duration.between(outcome.arrivedAt(), Instant.now());
            metrics.latency.record(latency.isNegative() ? Duration.ZERO : latency);
        }
    }

    private void commit() {
        if (!inTransaction) {
            return;
        }
        try {
            producer.sendOffsetsToTransaction(Map.copyOf(pending), consumer.groupMetadata());
            commitTransaction();
            committed.putAll(pending);
            pending.clear();
            inTransaction = false;
            recoveries = 0;
            uncounted.forEach(this::count);
            uncounted.clear();
            metrics.committed.increment();
        } catch (KafkaException e) {
            recover(e);
        }
    }

    /** A commit that timed out may be tried again, and nothing else may be done before it is through. */
    private void commitTransaction() {
        for (int attempt = 1; ; attempt++) {
            try {
                producer.commitTransaction();
                return;
            } catch (TimeoutException e) {
                if (attempt == COMMIT_TRIES) {
                    throw new IllegalStateException(
                            "the commit of a transaction timed out " + attempt + " times, so its end is unknown; a"
                                    + " restart finds out",
                            e);
                }
            }
        }
    }

    /** Undoes the transaction and goes back to what was committed; throws what cannot be undone. */
    private void recover(KafkaException cause) {
        if (cause instanceof InterruptException
                || cause instanceof AuthorizationException
                || cause instanceof UnsupportedVersionException) {
            throw cause;
        }
        if (++recoveries > MOST_RECOVERIES) {
            throw new KafkaException(
                    "no transaction could be committed in " + MOST_RECOVERIES + " tries: " + cause.getMessage(), cause);
        }
        LOG.warn("A transaction is undone and its images are predicted again: {}", cause.toString());
        metrics.aborted.increment();
        if (isFenced(cause)) {
            replaceProducer(cause);
        } else {
            try {
                producer.abortTransaction();
            } catch (ProducerFencedException | InvalidProducerEpochException | OutOfOrderSequenceException e) {
                replaceProducer(e);
            }
        }
        rewind();
    }

    private static boolean isFenced(KafkaException cause) {
        return cause instanceof ProducerFencedException
                || cause instanceof FencedInstanceIdException
                || cause instanceof InvalidProducerEpochException
                || cause instanceof OutOfOrderSequenceException;
    }

    /**
     * Goes on with a new producer if this process drew its own name, since then only the brokers' time-out can have ended
     * the old one. With a given name another process has taken it, and this one is the zombie that has to end.
     */
    private void replaceProducer(KafkaException cause) {
        if (!config.instance().isEmpty()) {
            throw takenOver(cause);
        }
        producer.close(Duration.ZERO);
        producer = producer();
        producer.initTransactions();
    }

    private KafkaException takenOver(KafkaException cause) {
        return new KafkaException(
                "another process has taken over the name " + config.instance()
                        + " (inference.instance); give each process its own",
                cause);
    }

    private void rewind() {
        inTransaction = false;
        pending.clear();
        uncounted.clear();
        inFlight.dropAll();
        for (TopicPartition partition : consumer.assignment()) {
            OffsetAndMetadata offset = committed.get(partition);
            if (offset != null) {
                consumer.seek(partition, offset);
            }
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        if (slot.current() == null) {
            consumer.pause(partitions); // or the poll that assigned them would return their images as well
        }
        for (TopicPartition partition : partitions) {
            committed.put(partition, new OffsetAndMetadata(consumer.position(partition)));
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        if (!ended) {
            sendFinished();
            commit(); // still a member of the group, so what is finished can be kept
        }
        forget(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        if (inTransaction && !ended) {
            recover(new KafkaException("the partitions " + partitions + " were lost to another member of the group"));
        }
        forget(partitions);
    }

    private void forget(Collection<TopicPartition> partitions) {
        inFlight.drop(partitions);
        for (TopicPartition partition : partitions) {
            committed.remove(partition);
            pending.remove(partition);
        }
    }
}
