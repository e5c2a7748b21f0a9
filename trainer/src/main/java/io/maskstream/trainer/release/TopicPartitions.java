package io.maskstream.trainer.release;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The partitions of a topic that is read whole, without a group. */
public final class TopicPartitions {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private TopicPartitions() {}

    /**
     * Returns the partitions, waiting for a topic that is being created.
     *
     * @throws KafkaException if there is no such topic within a minute
     */
    public static List<TopicPartition> of(Consumer<?, ?> consumer, String topic) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            @Nullable List<PartitionInfo> found = consumer.partitionsFor(topic, PATIENCE);
            if (found != null && !found.isEmpty()) {
                return found.stream()
                        .map(info -> new TopicPartition(topic, info.partition()))
                        .toList();
            }
            pause();
        }
        throw new KafkaException("there is no topic " + topic + "; `topics create` makes it");
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while waiting for a topic", e);
        }
    }
}
