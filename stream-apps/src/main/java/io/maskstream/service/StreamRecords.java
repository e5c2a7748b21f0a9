package io.maskstream.service;

import io.maskstream.schemas.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Records that a Kafka Streams processor reads as bytes, so that one that is no event keeps its bytes for the dead
 * letter.
 */
public final class StreamRecords {
    private StreamRecords() {}

    /** Returns the record as it was read, with its place, for {@link DeadLetters}. */
    public static ConsumerRecord<byte @Nullable [], byte @Nullable []> asRead(
            ProcessingContext context, Record<byte @Nullable [], byte @Nullable []> record) {
        Optional<RecordMetadata> place = context.recordMetadata();
        byte @Nullable [] key = record.key();
        byte @Nullable [] value = record.value();
        return new ConsumerRecord<>(
                place.map(RecordMetadata::topic).orElse("unknown"),
                place.map(RecordMetadata::partition).orElse(-1),
                place.map(RecordMetadata::offset).orElse(-1L),
                record.timestamp(),
                TimestampType.CREATE_TIME,
                key == null ? -1 : key.length,
                value == null ? -1 : value.length,
                key,
                value,
                new RecordHeaders(record.headers()),
                Optional.empty());
    }

    /**
     * Returns the event that the record holds.
     *
     * @throws SerializationException if it has no value, or the value is not an event of the topic
     */
    public static <V> V event(Topic<String, V> topic, Record<byte @Nullable [], byte @Nullable []> record) {
        byte @Nullable [] bytes = record.value();
        if (bytes == null) {
            throw new SerializationException(
                    "a record on " + topic.name() + " has no value; nothing can be withdrawn from this topic");
        }
        return topic.value().deserializer().deserialize(topic.name(), record.headers(), bytes);
    }

    /**
     * Checks that the record is in the partition of its subject.
     *
     * @throws SerializationException if the key is another than expected
     */
    public static void requireKey(
            Topic<?, ?> topic, Record<byte @Nullable [], byte @Nullable []> record, String expected) {
        byte @Nullable [] bytes = record.key();
        String key = bytes == null ? "none" : new String(bytes, StandardCharsets.UTF_8);
        if (!key.equals(expected)) {
            throw new SerializationException("the key of a record on " + topic.name() + " is " + key + ", expected "
                    + expected + "; send it again under that key");
        }
    }
}
