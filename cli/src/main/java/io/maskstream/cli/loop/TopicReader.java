package io.maskstream.cli.loop;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads a topic once from its start to the end that it has now; only what was committed. */
public final class TopicReader {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final KafkaConnection connection;

    public TopicReader(KafkaConnection connection) {
        this.connection = connection;
    }

    /** Returns every value, partition by partition in order; deletions are left out. */
    public <V> List<V> readAll(Topic<String, V> topic) {
        List<V> values = new ArrayList<>();
        forEach(topic, (record, value) -> values.add(value));
        return values;
    }

    /**
     * Passes on every record with its value.
     *
     * @throws KafkaException if the end is not reached in a minute, or a record is no event of the topic
     */
    public <V> void forEach(Topic<String, V> topic, BiConsumer<ConsumerRecord<String, byte[]>, V> action) {
        try (Consumer<String, byte[]> consumer = new KafkaConsumer<>(
                connection.with(Map.of("isolation.level", "read_committed", "enable.auto.commit", "false")),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name(), PATIENCE).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() > deadline) {
                    throw new KafkaException("the end of " + topic.name() + " was not reached within " + PATIENCE);
                }
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    if (record.value() != null) {
                        action.accept(
                                record,
                                topic.value()
                                        .deserializer()
                                        .deserialize(record.topic(), record.headers(), record.value()));
                    }
                }
            }
        }
    }
}
