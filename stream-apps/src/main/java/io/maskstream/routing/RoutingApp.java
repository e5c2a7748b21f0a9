package io.maskstream.routing;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.Partitions;
import io.maskstream.service.StreamsApp;
import io.maskstream.service.StreamsProcess;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import org.apache.kafka.streams.Topology;

/** Routing as a process runs it: {@link RoutingTopology} exactly once, under the policies that arrive meanwhile. */
public final class RoutingApp extends StreamsApp {
    /** The stage's name in logs, metrics and dead letters. */
    public static final String NAME = "routing";

    private final RoutingConfig config;
    private final KafkaConnection connection;
    private final Topics topics;
    private final MeterRegistry registry;

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

    @Override
    protected StreamsProcess build() {
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
        return new StreamsProcess(shape, topology, connection, registry);
    }
}
