package io.maskstream.schemas.topic;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/**
 * One topic, with the serdes of its records; no other code picks one.
 *
 * @param name full name, prefix included
 * @param key serde of the keys
 * @param value serde of the values
 * @param layout how the topic is created
 */
public record Topic<K, V>(String name, Serde<K> key, Serde<V> value, TopicLayout layout) {

    /** Returns a record of this topic, its partition chosen by the key. */
    public ProducerRecord<K, V> record(K key, @Nullable V value) {
        return new ProducerRecord<>(name, key, value);
    }
}
