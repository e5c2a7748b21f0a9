package io.maskstream.labeling;

import io.maskstream.labeling.task.TaskState;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.service.App;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The label desk as a process runs it: the stream, the log's producer, and the {@link LabelDesk} that people ask. */
public final class LabelingApp implements App {
    private static final Logger LOG = LoggerFactory.getLogger(LabelingApp.class);
    private static final long MOST_IMAGE_BYTES = 256L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final LabelingConfig config;
    private final KafkaStreams streams;
    private final KafkaProducer<String, LabelEvent> producer;
    private final KafkaStreamsMetrics streamsMetrics;
    private final KafkaClientMetrics producerMetrics;
    private final LabelDesk desk;
    private final TaskImages images;

    /**
     * @param content where images that travel by reference are kept
     * @param registry takes the metrics of the desk, its stream and its producer
     */
    public LabelingApp(
            LabelingConfig config,
            KafkaConnection connection,
            Topics topics,
            ContentStore content,
            MeterRegistry registry) {
        this.config = config;
        Clock clock = Clock.systemUTC();
        TaskBoard board = new TaskBoard();
        LabelClasses classes = new LabelClasses(config.line(), config.classes());
        LabelingMetrics metrics = new LabelingMetrics(registry);
        metrics.watch(board, clock);
        this.streams = new KafkaStreams(
                LabelingTopology.build(topics, config, board, classes, metrics, clock),
                new StreamsConfig(streamsProperties(config, connection)));
        this.streams.setUncaughtExceptionHandler(e -> {
            LOG.error("The label desk's stream stopped", e);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        this.producer = new KafkaProducer<>(
                producerProperties(config, connection, topics),
                Serdes.String().serializer(),
                topics.labelEvents().value().serializer());
        this.streamsMetrics = new KafkaStreamsMetrics(streams);
        this.streamsMetrics.bindTo(registry);
        this.producerMetrics = new KafkaClientMetrics(producer);
        this.producerMetrics.bindTo(registry);
        this.desk = new LabelDesk(config, board, classes, new Stores(streams), topics.labelEvents(), producer, clock);
        this.images = new TaskImages(content, new ImageLimits(MOST_IMAGE_BYTES, config.maxImagePixels()));
    }

    private record Stores(KafkaStreams streams) implements DeskStores {
        @Override
        public ReadOnlyKeyValueStore<String, TaskState> states() {
            return streams.store(
                    StoreQueryParameters.fromNameAndType(LabelingTopology.STATES, QueryableStoreTypes.keyValueStore()));
        }

        @Override
        public ReadOnlyKeyValueStore<String, LabelTask> tasks() {
            return streams.store(
                    StoreQueryParameters.fromNameAndType(LabelingTopology.TASKS, QueryableStoreTypes.keyValueStore()));
        }
    }

    private static Map<String, Object> streamsProperties(LabelingConfig config, KafkaConnection connection) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Topics.MAX_MESSAGE_BYTES);
        return connection.with(properties);
    }

    private static Map<String, Object> producerProperties(
            LabelingConfig config, KafkaConnection connection, Topics topics) {
        int patience = Math.toIntExact(config.answerTimeout().toMillis());
        return connection.with(Map.of(
                ProducerConfig.CLIENT_ID_CONFIG,
                config.applicationId() + "-desk",
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.LINGER_MS_CONFIG,
                0,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                patience,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                2 * patience,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                patience,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                topics.labelEvents().layout().maxMessageBytes()));
    }

    @Override
    public String name() {
        return "labeling";
    }

    @Override
    public void start() {
        streams.start();
    }

    /** Says whether the stream runs or is about to. */
    @Override
    public boolean isHealthy() {
        return switch (streams.state()) {
            case CREATED, REBALANCING, RUNNING -> true;
            default -> false;
        };
    }

    /** Says whether the desk has its partitions and answers. */
    public boolean isReady() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /** Returns what people ask. */
    public LabelDesk desk() {
        return desk;
    }

    TaskImages images() {
        return images;
    }

    LabelingConfig config() {
        return config;
    }

    @Override
    public void close() {
        streams.close(PATIENCE);
        producer.close(PATIENCE);
        streamsMetrics.close();
        producerMetrics.close();
    }
}
