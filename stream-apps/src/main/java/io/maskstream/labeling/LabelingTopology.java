package io.maskstream.labeling;

import io.maskstream.labeling.task.TaskRules;
import io.maskstream.labeling.task.TaskState;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.topic.Topics;
import java.time.Clock;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * {@code label-tasks, label-events -> fold -> annotations, label-events, dead-letters}.
 *
 * <p>The fold keeps two stores: where each task stands, for ever, and the task itself while it can still be labelled. It writes to
 * {@code label-events} as well as it reads from it: a lease that ran out becomes an event like any other, so that the log alone
 * says what happened.
 */
final class LabelingTopology {
    /** Store: task id to {@link TaskState}. */
    static final String STATES = "task-states";

    /** Store: task id to {@link LabelTask}, while the task is open or claimed. */
    static final String TASKS = "live-tasks";

    /** Store: key of {@code models} to its release. */
    static final String MODELS = "model-releases";

    static final String TASKS_IN = "label-tasks-in";
    static final String EVENTS_IN = "label-events-in";
    static final String FOLD = "fold";
    static final String ANNOTATIONS_OUT = "annotations-out";
    static final String EVENTS_OUT = "label-events-out";
    static final String DEAD_LETTERS_OUT = "dead-letters-out";

    private LabelingTopology() {}

    /** Returns the graph; equal arguments give equal graphs, and nothing starts. */
    static Topology build(
            Topics topics,
            LabelingConfig config,
            TaskBoard board,
            LabelClasses classes,
            LabelingMetrics metrics,
            Clock clock) {
        TaskRules rules = new TaskRules(config.maxSkips());
        Topology topology = new Topology();
        topology.addGlobalStore(
                modelStore(),
                "models-in",
                new StringDeserializer(),
                new ByteArrayDeserializer(),
                topics.models().name(),
                "note-classes",
                () -> new ClassesProcessor(classes, topics.models()));
        topology.addSource(
                TASKS_IN,
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.labelTasks().name());
        topology.addSource(
                EVENTS_IN,
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.labelEvents().name());
        topology.addProcessor(
                FOLD, () -> new TaskFold(topics, config, rules, board, classes, metrics, clock), TASKS_IN, EVENTS_IN);
        topology.addStateStore(stateStore(), FOLD);
        topology.addStateStore(taskStore(topics), FOLD);
        topology.addSink(
                ANNOTATIONS_OUT,
                topics.annotations().name(),
                Serdes.String().serializer(),
                topics.annotations().value().serializer(),
                FOLD);
        topology.addSink(
                EVENTS_OUT,
                topics.labelEvents().name(),
                Serdes.String().serializer(),
                topics.labelEvents().value().serializer(),
                FOLD);
        topology.addSink(
                DEAD_LETTERS_OUT,
                topics.deadLetters().name(),
                Serdes.String().serializer(),
                topics.deadLetters().value().serializer(),
                FOLD);
        return topology;
    }

    private static StoreBuilder<KeyValueStore<String, TaskState>> stateStore() {
        return Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STATES), Serdes.String(), TaskStateSerde.serde());
    }

    private static StoreBuilder<KeyValueStore<String, LabelTask>> taskStore(Topics topics) {
        // A task carries its image, so the changelog takes records as large as the topic of the tasks does.
        String largest = Integer.toString(topics.labelTasks().layout().maxMessageBytes());
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(TASKS),
                        Serdes.String(),
                        topics.labelTasks().value())
                .withLoggingEnabled(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, largest));
    }

    private static StoreBuilder<KeyValueStore<String, byte[]>> modelStore() {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(MODELS), Serdes.String(), Serdes.ByteArray())
                .withLoggingDisabled();
    }
}
