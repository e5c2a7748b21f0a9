package io.maskstream.quality;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.MeasuredImage;
import io.maskstream.schemas.event.Prefill;
import io.maskstream.schemas.serde.EventSerdes;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.UsePartitionTimeOnInvalidTimestamp;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * {@code label-tasks, annotations -> measure -> roll -> quality}: each image is compared where it is, and the counts of
 * all partitions meet in one place. Releases come in beside it, for class names and rounds.
 */
final class QualityTopology {
    private QualityTopology() {}

    /** Returns the graph; equal arguments give equal graphs, and nothing starts. */
    static Topology build(Topics topics, QualityConfig config, QualityMetrics metrics) {
        EventSerdes events = EventSerdes.singleObject();
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(store(MeasureStage.PREFILLS, events.of(Prefill.class)));
        builder.addStateStore(store(MeasureStage.WAITING, events.of(Annotation.class)));
        builder.addStateStore(store(RollingStage.MEASURED, events.of(MeasuredImage.class)));
        builder.addGlobalStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(ReleaseBoard.STORE), Serdes.String(), Serdes.ByteArray())
                        .withLoggingDisabled(),
                topics.models().name(),
                Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("models-in"),
                () -> new ReleaseBoard(topics, config.line()));

        KStream<String, @Nullable SpecificRecord> outcomes = builder.stream(
                        List.of(topics.labelTasks().name(), topics.annotations().name()),
                        Consumed.with(Serdes.ByteArray(), Serdes.ByteArray())
                                .withName("tasks-and-annotations-in")
                                .withOffsetResetPolicy(AutoOffsetReset.earliest())
                                .withTimestampExtractor(new UsePartitionTimeOnInvalidTimestamp()))
                .process(
                        () -> new MeasureStage(topics, config, metrics),
                        Named.as("measure"),
                        MeasureStage.PREFILLS,
                        MeasureStage.WAITING);

        write(
                outcomes.filter((key, value) -> value instanceof DeadLetter, Named.as("refused"))
                        .mapValues(value -> (DeadLetter) value, Named.as("as-dead-letter")),
                topics.deadLetters(),
                "dead-letters-out");

        write(
                outcomes.filterNot((key, value) -> value instanceof DeadLetter, Named.as("compared"))
                        .mapValues(value -> (MeasuredImage) value, Named.as("as-measured-image"))
                        .repartition(Repartitioned.with(Serdes.String(), events.of(MeasuredImage.class))
                                .withName("measured")
                                .withNumberOfPartitions(1))
                        .process(
                                () -> new RollingStage(topics, config, metrics),
                                Named.as("roll"),
                                RollingStage.MEASURED),
                topics.quality(),
                "quality-out");
        return builder.build();
    }

    private static <V> void write(KStream<String, V> stream, Topic<String, V> topic, String name) {
        stream.to(topic.name(), Produced.with(topic.key(), topic.value()).withName(name));
    }

    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> value) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), value)
                .withLoggingEnabled(
                        Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Topics.MAX_MESSAGE_BYTES)));
    }
}
