package io.maskstream.routing;

import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.RoutingMemory;
import io.maskstream.schemas.serde.EventSerdes;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import java.time.Clock;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.UsePartitionTimeOnInvalidTimestamp;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * {@code predictions -> decide -> decisions, label-tasks, training-samples}, and {@code annotations -> join ->
 * training-samples}; what neither can read goes to {@code dead-letters}. Policies come in beside it.
 *
 * <p>Both inputs are keyed by image and have the same number of partitions, so a task and its annotation meet in the same
 * store. A task is in the store before anyone can see it: both are of one transaction.
 */
final class RoutingTopology {
    static final String DECISIONS_OUT = "decisions-out";
    static final String TASKS_OUT = "label-tasks-out";
    static final String SAMPLES_OUT = "training-samples-out";
    static final String DEAD_LETTERS_OUT = "dead-letters-out";

    private static final String PREDICTIONS_IN = "predictions-in";
    private static final String ANNOTATIONS_IN = "annotations-in";
    private static final String POLICIES_IN = "policies-in";
    private static final String DECIDE = "decide";
    private static final String JOIN = "join-annotation";
    private static final String READ_POLICY = "read-policy";

    private RoutingTopology() {}

    /**
     * Returns the graph; equal arguments give equal graphs, and nothing starts.
     *
     * @param partitions of the input topics, over which the label budget is split
     */
    static Topology build(Topics topics, int partitions, RoutingConfig config, RoutingMetrics metrics, Clock clock) {
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        Topology topology = new Topology();
        source(topology, PREDICTIONS_IN, topics.predictions());
        source(topology, ANNOTATIONS_IN, topics.annotations());
        topology.addGlobalStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(PolicyBoard.STORE), Serdes.String(), Serdes.ByteArray())
                        .withLoggingDisabled(),
                POLICIES_IN,
                bytes,
                bytes,
                topics.policies().name(),
                READ_POLICY,
                () -> new PolicyBoard(topics, metrics, clock));
        topology.addProcessor(DECIDE, () -> new DecisionStage(topics, config, partitions, metrics), PREDICTIONS_IN);
        topology.addProcessor(JOIN, () -> new AnnotationStage(topics, metrics), ANNOTATIONS_IN);

        EventSerdes events = EventSerdes.singleObject();
        topology.addStateStore(store(DecisionStage.DECIDED, Serdes.Long()), DECIDE);
        topology.addStateStore(store(DecisionStage.MEMORY, events.of(RoutingMemory.class)), DECIDE);
        topology.addStateStore(store(DecisionStage.SCORES, Serdes.Double()), DECIDE);
        topology.addStateStore(store(DecisionStage.REPORTED, Serdes.Long()), DECIDE);
        topology.addStateStore(store(DecisionStage.TASKS, events.of(LabelTask.class)), DECIDE, JOIN);
        topology.addStateStore(store(AnnotationStage.SAMPLED, Serdes.String()), JOIN);

        sink(topology, DECISIONS_OUT, topics.decisions(), DECIDE);
        sink(topology, TASKS_OUT, topics.labelTasks(), DECIDE);
        sink(topology, SAMPLES_OUT, topics.trainingSamples(), DECIDE, JOIN);
        sink(topology, DEAD_LETTERS_OUT, topics.deadLetters(), DECIDE, JOIN);
        return topology;
    }

    private static void source(Topology topology, String name, Topic<?, ?> topic) {
        topology.addSource(
                AutoOffsetReset.earliest(),
                name,
                new UsePartitionTimeOnInvalidTimestamp(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topic.name());
    }

    private static <V> void sink(Topology topology, String name, Topic<String, V> topic, String... parents) {
        topology.addSink(
                name, topic.name(), topic.key().serializer(), topic.value().serializer(), parents);
    }

    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> value) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), value)
                .withLoggingEnabled(
                        Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Topics.MAX_MESSAGE_BYTES)));
    }
}
