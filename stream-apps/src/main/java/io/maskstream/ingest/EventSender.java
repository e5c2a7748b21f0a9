package io.maskstream.ingest;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Sends events to one topic, each image's bytes once: an idempotent producer ({@code acks=all}) beside a
 * {@link PublishedIndex}.
 */
final class EventSender<V> implements AutoCloseable {
    private static final Duration ADMIN_PATIENCE = Duration.ofSeconds(30);
    private static final Duration PROPAGATION = Duration.ofSeconds(3);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Topic<String, V> topic;
    private final PublishedIndex index;
    private final Producer<String, V> producer;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    EventSender(KafkaConnection connection, Topic<String, V> topic, Path stateDir) throws IOException {
        this.topic = topic;
        this.index = new PublishedIndex(stateDir.resolve("published-" + topicId(connection, topic.name()) + ".txt"));
        try {
            this.producer = new KafkaProducer<>(
                    connection.with(Map.of(
                            // A leader that has just taken over a new topic may refuse the first batch and take the
                            // second;
                            // it then refuses the first for ever. One at a time cannot overtake.
                            ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                            1,
                            ProducerConfig.ACKS_CONFIG,
                            "all",
                            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                            true,
                            ProducerConfig.LINGER_MS_CONFIG,
                            5,
                            ProducerConfig.BATCH_SIZE_CONFIG,
                            256 * 1024,
                            ProducerConfig.BUFFER_MEMORY_CONFIG,
                            4L * Topics.MAX_MESSAGE_BYTES,
                            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                            Topics.MAX_MESSAGE_BYTES)),
                    topic.key().serializer(),
                    topic.value().serializer());
        } catch (KafkaException e) {
            index.close();
            throw e;
        }
    }

    /** Asks for the topic's id, a few times, since brokers learn of a topic a moment after its creation. */
    private static String topicId(KafkaConnection connection, String name) throws IOException {
        try (Admin admin = Admin.create(connection.with(Map.of()))) {
            long deadline = System.nanoTime() + PROPAGATION.toNanos();
            while (true) {
                try {
                    TopicDescription found = admin.describeTopics(Set.of(name))
                            .allTopicNames()
                            .get(ADMIN_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                            .get(name);
                    if (found != null) {
                        return found.topicId().toString();
                    }
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                        throw new IOException(
                                "cannot ask the brokers for the topic " + name + ": " + e.getMessage(), e);
                    }
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new IOException("there is no topic " + name + " yet: create it with `topics create`");
                }
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (TimeoutException e) {
            throw new IOException(
                    "no answer from " + connection.bootstrapServers() + " within " + ADMIN_PATIENCE.toSeconds()
                            + " s: is the cluster up?",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking for the topic " + name, e);
        }
    }

    /** Says whether an image's bytes were sent before or are under way. */
    boolean knows(String sha256) {
        return underWay.contains(sha256) || index.contains(sha256);
    }

    /**
     * Sends an event; its outcome comes by {@link #flush()} at the latest.
     *
     * @param sent run when the brokers have it
     * @param refused given the cause when they refuse this one event
     */
    void send(String sha256, String key, V event, Runnable sent, Consumer<String> refused) {
        throwFailure();
        underWay.add(sha256);
        var unused = producer.send(topic.record(key, event), (metadata, error) -> {
            if (error == null) {
                try {
                    index.add(sha256);
                    sent.run();
                } catch (RuntimeException e) {
                    failure.compareAndSet(null, e);
                }
            } else if (error instanceof RecordTooLargeException) {
                refused.accept("the event is too large for the topic: " + error.getMessage());
            } else {
                failure.compareAndSet(null, error);
            }
            underWay.remove(sha256);
        });
    }

    /**
     * Waits until every event sent so far has its outcome.
     *
     * @throws KafkaException if the brokers did not take one of them for a reason that is not its own
     */
    void flush() {
        producer.flush();
        throwFailure();
    }

    private void throwFailure() {
        Exception cause = failure.get();
        if (cause != null) {
            throw new KafkaException(
                    "publishing to " + topic.name() + " stopped: " + cause.getMessage()
                            + "; run it again, what was published is remembered",
                    cause);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            producer.close();
        } finally {
            index.close();
        }
    }
}
