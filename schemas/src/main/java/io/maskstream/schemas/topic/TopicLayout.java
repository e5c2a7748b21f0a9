package io.maskstream.schemas.topic;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a topic is laid out on the brokers.
 *
 * @param partitions number of partitions, at least 1
 * @param retention how long records are kept; null keeps them for ever
 * @param compacted whether only the last value of each key is kept
 * @param maxMessageBytes largest record batch the topic takes
 */
public record TopicLayout(int partitions, @Nullable Duration retention, boolean compacted, int maxMessageBytes) {
    public TopicLayout {
        if (partitions < 1) {
            throw new IllegalArgumentException("a topic needs at least 1 partition, not " + partitions);
        }
        if (compacted && retention != null) {
            throw new IllegalArgumentException("a compacted topic keeps the last value of a key; it has no retention");
        }
    }
}
