package io.maskstream.labeling;

import io.maskstream.labeling.task.TaskState;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.store.ContentStore;
import io.maskstream.service.App;
import io.maskstream.service.Partitions;
import io.maskstream.service.StreamsProcess;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The label desk as a process runs it: the stream, the log's producer, and the {@link LabelDesk} that people ask. */
public final class LabelingApp implements App {
    private static final String NAME = "labeling";
    private static final int THREADS = 1;
    private static final long MOST_IMAGE_BYTES = 256L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final LabelingConfig config;
    private final KafkaConnection connection;
    private final Topics topics;
    private final StreamsProcess process;
    private final KafkaProducer<String, LabelEvent> producer;
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
        this.connection = connection;
        this.topics = topics;
        Clock clock = Clock.systemUTC();
        TaskBoard board = new TaskBoard();
        LabelClasses classes = new LabelClasses(config.line(), config.classes());
        LabelingMetrics metrics = new LabelingMetrics(registry);
        metrics.watch(board, clock);
        this.process = new StreamsProcess(
                new StreamsProcess.Shape(
                        NAME,
                        topics.clientName(config.applicationId()),
                        config.stateDir(),
                        config.commitInterval(),
                        THREADS),
                LabelingTopology.build(topics, config, board, classes, metrics, clock),
                connection,
                registry);
        this.producer = new KafkaProducer<>(
                producerProperties(config, connection, topics),
                Serdes.String().serializer(),
                topics.labelEvents().value().serializer());
        this.producerMetrics = new KafkaClientMetrics(producer);
        this.producerMetrics.bindTo(registry);
        this.desk = new LabelDesk(config, board, classes, new Stores(process), topics.labelEvents(), producer, clock);
        this.images = new TaskImages(content, new ImageLimits(MOST_IMAGE_BYTES, config.maxImagePixels()));
    }

    private record Stores(StreamsProcess process) implements DeskStores {
        @Override
        public ReadOnlyKeyValueStore<String, TaskState> states() {
            return process.store(LabelingTopology.STATES, QueryableStoreTypes.keyValueStore());
        }

        @Override
        public ReadOnlyKeyValueStore<String, LabelTask> tasks() {
            return process.store(LabelingTopology.TASKS, QueryableStoreTypes.keyValueStore());
        }
    }

    private static Map<String, Object> producerProperties(
            LabelingConfig config, KafkaConnection connection, Topics topics) {
        int patience = Math.toIntExact(config.answerTimeout().toMillis());
        return connection.with(Map.of(
                ProducerConfig.CLIENT_ID_CONFIG,
                topics.clientName(config.applicationId()) + "-desk",
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                1, // on a new topic a second batch must not overtake a refused first one
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
        return NAME;
    }

    /**
     * @throws IllegalStateException if a topic is missing, or tasks and events differ in partitions
     */
    @Override
    public void start() {
        Partitions.common(connection, List.of(topics.labelTasks(), topics.labelEvents()));
        Partitions.requireAll(connection, List.of(topics.annotations(), topics.models(), topics.deadLetters()));
        process.start();
    }

    @Override
    public boolean isHealthy() {
        return process.isHealthy();
    }

    /** Says whether the desk has its partitions and answers. */
    public boolean isReady() {
        return process.isRunning();
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
        process.close();
        producer.close(PATIENCE);
        producerMetrics.close();
    }
}
