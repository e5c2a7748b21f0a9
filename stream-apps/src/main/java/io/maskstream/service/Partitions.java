package io.maskstream.service;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Asks the brokers, before a stage starts, whether its topics are there and fit each other. */
public final class Partitions {
    private Partitions() {}

    /**
     * Returns the number of partitions that all the topics have.
     *
     * @throws IllegalStateException if one is missing, or they differ; a stage that joins them would never meet a key's
     *     records
     * @throws KafkaException if the brokers cannot be reached
     */
    public static int common(KafkaConnection connection, List<? extends Topic<?, ?>> topics) {
        Map<String, Integer> counts = counts(connection, topics);
        if (new TreeSet<>(counts.values()).size() > 1) {
            throw new IllegalStateException("topics that are joined have different numbers of partitions: " + counts
                    + "; create them anew with the same number");
        }
        return counts.values().iterator().next();
    }

    /**
     * Checks that the topics exist.
     *
     * @throws IllegalStateException naming those that do not
     */
    public static void requireAll(KafkaConnection connection, List<? extends Topic<?, ?>> topics) {
        counts(connection, topics);
    }

    private static Map<String, Integer> counts(KafkaConnection connection, List<? extends Topic<?, ?>> topics) {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> missing = new ArrayList<>();
        try (Admin admin = Admin.create(connection.with(Map.of()))) {
            Map<String, KafkaFuture<TopicDescription>> described = admin.describeTopics(
                            topics.stream().map(Topic::name).toList())
                    .topicNameValues();
            for (Map.Entry<String, KafkaFuture<TopicDescription>> entry : described.entrySet()) {
                try {
                    counts.put(
                            entry.getKey(), entry.getValue().get().partitions().size());
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                        throw new KafkaException(
                                "cannot describe topic " + entry.getKey() + " at " + connection.bootstrapServers()
                                        + ": " + e.getMessage(),
                                e);
                    }
                    missing.add(entry.getKey());
                }
            }
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("topics are missing: " + new TreeSet<>(missing) + "; run: topics create");
        }
        return counts;
    }
}
