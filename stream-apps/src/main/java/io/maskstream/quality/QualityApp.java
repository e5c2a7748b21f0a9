package io.maskstream.quality;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.Partitions;
import io.maskstream.service.StreamsApp;
import io.maskstream.service.StreamsProcess;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import org.apache.kafka.streams.Topology;

/** Quality as a process runs it: {@link QualityTopology}, its reports on a topic and its figures in the registry. */
public final class QualityApp extends StreamsApp {
    /** The stage's name in logs, metrics and dead letters. */
    public static final String NAME = "quality";

    private final QualityConfig config;
    private final KafkaConnection connection;
    private final Topics topics;
    private final MeterRegistry registry;

    public QualityApp(QualityConfig config, KafkaConnection connection, Topics topics, MeterRegistry registry) {
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
        Partitions.common(connection, List.of(topics.labelTasks(), topics.annotations()));
        Partitions.requireAll(connection, topics.all());
        Topology topology = QualityTopology.build(topics, config, new QualityMetrics(registry, Clock.systemUTC()));
        StreamsProcess.Shape shape = new StreamsProcess.Shape(
                NAME, topics.clientName(config.applicationId()), config.stateDir(), config.commitInterval(), 1);
        return new StreamsProcess(shape, topology, connection, registry);
    }
}
