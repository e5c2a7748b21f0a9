package io.maskstream.service;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Metric;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka Streams application as every stage runs it: exactly once, every internal resource named, a bounded number of
 * fresh starts for a thread that failed, and its metrics in the registry.
 *
 * <p>A thread that fails is replaced, since most failures are those of a broker that comes back; after
 * {@value #FAILURES_BORNE} within ten minutes the application ends and {@link #isHealthy} turns false. Nothing is lost by
 * either: what was not committed is read again.
 */
public final class StreamsProcess implements AutoCloseable {
    /** Failures of threads within {@link #WITHIN} after which the application ends. */
    static final int FAILURES_BORNE = 5;

    private static final Duration WITHIN = Duration.ofMinutes(10);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(StreamsProcess.class);

    private final String name;
    private final KafkaStreams streams;
    private final KafkaStreamsMetrics clientMetrics;
    private final FailureCount failures;

    /**
     * What differs between two applications.
     *
     * @param name of the stage, for metrics and logs
     * @param applicationId names the consumer group, the transactions and the internal topics
     * @param stateDir where the stores live
     * @param commitInterval how often a transaction is committed
     * @param threads stream threads
     */
    public record Shape(String name, String applicationId, Path stateDir, Duration commitInterval, int threads) {}

    /** Builds the application; {@link #start} starts it. */
    public StreamsProcess(Shape shape, Topology topology, KafkaConnection connection, MeterRegistry registry) {
        this.name = shape.name();
        this.failures = new FailureCount(Clock.systemUTC(), FAILURES_BORNE, WITHIN);
        this.streams = new KafkaStreams(topology, properties(shape, connection));
        streams.setUncaughtExceptionHandler(handler());
        streams.setStateListener((now, before) -> LOG.info("{} is {}, was {}", name, now, before));
        this.clientMetrics = new KafkaStreamsMetrics(streams);
        clientMetrics.bindTo(registry);
        Gauge.builder(name + ".up", streams, s -> s.state() == KafkaStreams.State.RUNNING ? 1 : 0)
                .description("1 while the stage processes records, else 0.")
                .register(registry);
        Gauge.builder(name + ".lag", streams, StreamsProcess::lag)
                .description("Records that wait on the input topics of this process.")
                .register(registry);
    }

    /** Returns the properties of a Streams application of this shape. */
    static Properties properties(Shape shape, KafkaConnection connection) {
        Map<String, Object> own = new HashMap<>();
        own.put(StreamsConfig.APPLICATION_ID_CONFIG, shape.applicationId());
        own.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        own.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        own.put(StreamsConfig.STATE_DIR_CONFIG, shape.stateDir().toString());
        own.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, shape.commitInterval().toMillis());
        own.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, shape.threads());
        own.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Topics.MAX_MESSAGE_BYTES);
        // a killed process is missed after ten seconds and not after three quarters of a minute
        own.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        own.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 2_000);
        Properties properties = new Properties();
        properties.putAll(connection.with(own));
        return properties;
    }

    private StreamsUncaughtExceptionHandler handler() {
        return cause -> {
            if (failures.bear()) {
                LOG.warn("a thread of {} failed and is replaced", name, cause);
                return StreamThreadExceptionResponse.REPLACE_THREAD;
            }
            LOG.error(
                    "{} ends: its threads failed more than {} times within {} minutes; mend the cause and start it"
                            + " again, nothing is lost",
                    name,
                    FAILURES_BORNE,
                    WITHIN.toMinutes(),
                    cause);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        };
    }

    private static double lag(KafkaStreams streams) {
        double sum = 0;
        for (Metric metric : streams.metrics().values()) {
            Map<String, String> tags = metric.metricName().tags();
            boolean main = tags.getOrDefault("client-id", "").endsWith("-consumer")
                    && !tags.getOrDefault("client-id", "").endsWith("-restore-consumer")
                    && !tags.getOrDefault("client-id", "").endsWith("-global-consumer");
            if (main
                    && metric.metricName().name().equals("records-lag")
                    && tags.containsKey("partition")
                    && metric.metricValue() instanceof Double value
                    && !value.isNaN()) {
                sum += value;
            }
        }
        return sum;
    }

    /** Starts the threads and returns. */
    public void start() {
        streams.start();
    }

    /** Says whether the application is starting, balancing or running, and not ended. */
    public boolean isHealthy() {
        return !List.of(
                        KafkaStreams.State.PENDING_ERROR,
                        KafkaStreams.State.ERROR,
                        KafkaStreams.State.PENDING_SHUTDOWN,
                        KafkaStreams.State.NOT_RUNNING)
                .contains(streams.state());
    }

    /** Says whether every partition is assigned and its stores are restored. */
    public boolean isRunning() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /**
     * Returns a store to read from outside; what this process holds of it.
     *
     * @throws org.apache.kafka.streams.errors.InvalidStateStoreException while the application is starting or balancing
     */
    public <T> T store(String storeName, QueryableStoreType<T> type) {
        return streams.store(StoreQueryParameters.fromNameAndType(storeName, type));
    }

    /** Commits, leaves the group, so that another member takes over at once, and waits for the threads. */
    @Override
    public void close() {
        boolean ended = streams.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP)
                .withTimeout(PATIENCE));
        clientMetrics.close();
        if (!ended) {
            LOG.error(
                    "{} did not end within {} s; what it had not committed is read again", name, PATIENCE.toSeconds());
        }
    }

    /** Counts failures that lie close together. */
    static final class FailureCount {
        private final Clock clock;
        private final int borne;
        private final Duration within;
        private final Deque<Long> times = new ArrayDeque<>();

        FailureCount(Clock clock, int borne, Duration within) {
            this.clock = clock;
            this.borne = borne;
            this.within = within;
        }

        /** Counts one more, and says whether it can still be borne. */
        synchronized boolean bear() {
            long now = clock.millis();
            times.addLast(now);
            while (times.peekFirst() != null && times.peekFirst() < now - within.toMillis()) {
                times.removeFirst();
            }
            return times.size() <= borne;
        }
    }
}
