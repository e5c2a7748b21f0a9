package io.maskstream.dashboard;

import io.maskstream.dashboard.LoopSnapshot.Lag;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Asks the cluster how far each topic has come, and how far each consumer group is behind. */
final class GroupLags {
    private static final long MOST_SECONDS = 10;

    private final Admin admin;
    private final Collection<String> topics;

    /**
     * @param admin to ask with; the caller closes it
     * @param topics full names of the loop's topics
     */
    GroupLags(Admin admin, Collection<String> topics) {
        this.admin = admin;
        this.topics = topics;
    }

    /**
     * Offsets and lags at one moment.
     *
     * @param begin first offset of each partition
     * @param end offset after the last committed record of each partition
     * @param lags by full topic name, for groups that have committed an offset of the topic
     */
    record Offsets(Map<TopicPartition, Long> begin, Map<TopicPartition, Long> end, Map<String, List<Lag>> lags) {}

    /** Asks; topics that are not there are left out. */
    Offsets ask() throws InterruptedException, ExecutionException, TimeoutException {
        List<TopicPartition> partitions = partitions();
        Map<TopicPartition, Long> begin = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> end = offsets(partitions, OffsetSpec.latest());
        Map<String, Map<TopicPartition, OffsetAndMetadata>> committed = committed();
        Map<String, List<Lag>> lags = new TreeMap<>();
        new TreeMap<>(committed).forEach((group, positions) -> {
            Map<String, Long> behind = new TreeMap<>();
            positions.forEach((partition, position) -> {
                Long last = end.get(partition);
                if (last != null && position != null) {
                    behind.merge(partition.topic(), Math.max(0, last - position.offset()), Long::sum);
                }
            });
            behind.forEach((topic, records) ->
                    lags.computeIfAbsent(topic, t -> new ArrayList<>()).add(new Lag(group, records)));
        });
        return new Offsets(begin, end, lags);
    }

    private List<TopicPartition> partitions() throws InterruptedException, ExecutionException, TimeoutException {
        List<TopicPartition> partitions = new ArrayList<>();
        Map<String, KafkaFuture<TopicDescription>> described =
                admin.describeTopics(topics).topicNameValues();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> entry : described.entrySet()) {
            TopicDescription description = orNullWhereMissing(entry.getValue());
            if (description != null) {
                description
                        .partitions()
                        .forEach(p -> partitions.add(new TopicPartition(entry.getKey(), p.partition())));
            }
        }
        return partitions;
    }

    private static @Nullable TopicDescription orNullWhereMissing(KafkaFuture<TopicDescription> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return future.get(MOST_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw e;
        }
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec spec)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(p -> asked.put(p, spec));
        Map<TopicPartition, Long> found = new HashMap<>();
        admin.listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                .all()
                .get(MOST_SECONDS, TimeUnit.SECONDS)
                .forEach((partition, info) -> found.put(partition, info.offset()));
        return found;
    }

    private Map<String, Map<TopicPartition, OffsetAndMetadata>> committed()
            throws InterruptedException, ExecutionException, TimeoutException {
        Set<String> protocols = Set.of("consumer", "");
        Map<String, ListConsumerGroupOffsetsSpec> asked = new HashMap<>();
        for (GroupListing group : admin.listGroups(new ListGroupsOptions().withProtocolTypes(protocols))
                .all()
                .get(MOST_SECONDS, TimeUnit.SECONDS)) {
            asked.put(group.groupId(), new ListConsumerGroupOffsetsSpec());
        }
        if (asked.isEmpty()) {
            return Map.of();
        }
        return admin.listConsumerGroupOffsets(asked).all().get(MOST_SECONDS, TimeUnit.SECONDS);
    }
}
