package io.maskstream.routing;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.App;
import io.maskstream.service.Partitions;
import io.maskstream.service.StreamsProcess;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;

/** Routing as a process runs it: {@link RoutingTopology} exactly once, under the policies that arrive meanwhile. */
public final class RoutingApp implements App {
    /** The stage's name in logs, metrics and dead letters. */
    public static final String NAME = "routing";

    private final RoutingConfig config;
    private final KafkaConnection connection;
    private final Topics topics;
    private final MeterRegistry registry;
    private @Nullable StreamsProcess process;

    public RoutingApp(RoutingConfig config, KafkaConnection connection, Topics topics, MeterRegistry registry) {
        this.config = config;
        this.connection = connection;
        this.topics = topics;
        this.registry = registry;
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * @throws IllegalStateException if a topic is missing, or predictions and annotations differ in partitions
     */
    @Override
    public synchronized void start() {
        if (process != null) {
            throw new IllegalStateException("routing is started already");
        }
        int partitions = Partitions.common(connection, List.of(topics.predictions(), topics.annotations()));
        Partitions.requireAll(connection, topics.all());
        Topology topology =
                RoutingTopology.build(topics, partitions, config, new RoutingMetrics(registry), Clock.systemUTC());
        StreamsProcess.Shape shape = new StreamsProcess.Shape(
                NAME,
                topics.clientName(config.applicationId()),
                config.stateDir(),
                config.commitInterval(),
                config.threads());
        StreamsProcess starting = new StreamsProcess(shape, topology, connection, registry);
        process = starting;
        starting.start();
    }

    @Override
    public synchronized boolean isHealthy() {
        return process != null && process.isHealthy();
    }

    /** Says whether every partition is assigned and its stores are restored. */
    public synchronized boolean isRunning() {
        return process != null && process.isRunning();
    }

    @Override
    public synchronized void close() {
        if (process != null) {
            process.close();
            process = null;
        }
    }
}
