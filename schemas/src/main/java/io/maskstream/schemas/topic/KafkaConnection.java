package io.maskstream.schemas.topic;

import java.util.HashMap;
import java.util.Map;

/**
 * How to reach the cluster: the client properties that every producer, consumer, admin and Streams application shares.
 *
 * @param properties Kafka client properties by their own names, {@code bootstrap.servers} at least; may hold secrets, so
 *     it is never printed
 */
public record KafkaConnection(Map<String, String> properties) {
    public KafkaConnection {
        properties = Map.copyOf(properties);
        if (properties.getOrDefault("bootstrap.servers", "").isBlank()) {
            throw new IllegalArgumentException("kafka.bootstrap.servers is not set: expected host:port, or several");
        }
    }

    /** Returns a connection without further security settings. */
    public static KafkaConnection to(String bootstrapServers) {
        return new KafkaConnection(Map.of("bootstrap.servers", bootstrapServers));
    }

    /** Returns the brokers to start from. */
    public String bootstrapServers() {
        return properties.getOrDefault("bootstrap.servers", "");
    }

    /** Returns the shared properties with more on top, ready for a client's constructor. */
    public Map<String, Object> with(Map<String, ?> more) {
        Map<String, Object> all = new HashMap<>(properties);
        all.putAll(more);
        return all;
    }

    @Override
    public String toString() {
        return "KafkaConnection[" + bootstrapServers() + "]";
    }
}
