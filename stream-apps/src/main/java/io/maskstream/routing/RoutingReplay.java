package io.maskstream.routing;

import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What another policy would have decided: judges recorded decisions again, in their order, and says which would differ.
 *
 * <p>A decision keeps all that it was made on, so the predictions are not needed. It is a counterfactual of routing
 * alone: under another policy other images would have been labelled, and later models would have been others. Judged
 * under the policy and salt that made them, decisions come out the same, as long as the record is whole from the start of
 * the policy.
 */
public final class RoutingReplay {
    private static final Duration STALLED = Duration.ofSeconds(30);

    private final RoutingPolicy policy;
    private final String salt;
    private final int partitions;
    private final Map<Integer, PartitionRouter> routers = new HashMap<>();
    private final Map<String, Long> changes = new TreeMap<>();
    private final Map<Route, Long> before = new EnumMap<>(Route.class);
    private final Map<Route, Long> after = new EnumMap<>(Route.class);
    private long images;
    private long changed;
    private long unreadable;

    /**
     * @param policy the other policy
     * @param partitions of the recorded topic, over which the label budget was split
     * @param salt of the draws, as configured for routing
     */
    public RoutingReplay(RoutingPolicy policy, int partitions, String salt) {
        this.policy = Policies.check(policy);
        this.partitions = partitions;
        this.salt = salt;
    }

    /**
     * What was found.
     *
     * @param images decisions that were judged again
     * @param changed how many of them have another route or reason
     * @param unreadable records that were no decision, or lack the policy's score
     * @param before decisions by route, as recorded
     * @param after decisions by route, under the other policy
     * @param changes how often what became what, such as {@code SET_ASIDE/UNDECIDED -> ASK_PERSON/UNCERTAIN}
     */
    public record Report(
            long images,
            long changed,
            long unreadable,
            Map<Route, Long> before,
            Map<Route, Long> after,
            Map<String, Long> changes) {
        public Report {
            before = Map.copyOf(before);
            after = Map.copyOf(after);
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder()
                    .append(changed)
                    .append(" of ")
                    .append(images)
                    .append(" decisions would change");
            for (Route route : Route.values()) {
                text.append(String.format(
                        "%n  %-11s %d -> %d", route, before.getOrDefault(route, 0L), after.getOrDefault(route, 0L)));
            }
            changes.forEach((what, count) -> text.append(String.format("%n  %6d  %s", count, what)));
            if (unreadable > 0) {
                text.append(String.format("%n  %d records could not be judged", unreadable));
            }
            return text.toString();
        }
    }

    /** Returns the decisions on a list of images, in their order, as one partition would make them. */
    public static List<Decision> decisions(List<Candidate> images, RoutingPolicy policy, String salt) {
        RoutingReplay replay = new RoutingReplay(policy, 1, salt);
        List<Decision> decisions = new ArrayList<>();
        images.forEach(image -> decisions.add(replay.decide(0, image)));
        return decisions;
    }

    /** Returns what the policy decides on the next image of a partition. */
    public Decision decide(int partition, Candidate image) {
        return routers.computeIfAbsent(partition, p -> new PartitionRouter(partitions, salt))
                .decide(image, policy)
                .decision();
    }

    /**
     * Judges the next decision of a partition again.
     *
     * @throws IllegalArgumentException if the recorded scores lack the policy's
     */
    public Decision again(int partition, Decision recorded) {
        Decision now = decide(partition, Candidate.of(recorded));
        images++;
        before.merge(recorded.getRoute(), 1L, Long::sum);
        after.merge(now.getRoute(), 1L, Long::sum);
        if (recorded.getRoute() != now.getRoute() || recorded.getReason() != now.getReason()) {
            changed++;
            changes.merge(
                    outcome(recorded.getRoute(), recorded.getReason()) + " -> "
                            + outcome(now.getRoute(), now.getReason()),
                    1L,
                    Long::sum);
        }
        return now;
    }

    private static String outcome(Route route, Reason reason) {
        return route + "/" + reason;
    }

    /** Returns what was found so far. */
    public Report report() {
        return new Report(images, changed, unreadable, before, after, new TreeMap<>(changes));
    }

    /**
     * Judges a whole {@code decisions} topic again, from its beginning to where it ends now; changes nothing on it.
     *
     * @throws KafkaException if the brokers cannot be reached, or stop to answer for half a minute
     */
    public static Report ofTopic(KafkaConnection connection, Topics topics, RoutingPolicy policy, String salt) {
        Topic<String, Decision> topic = topics.decisions();
        Map<String, Object> settings = connection.with(Map.of(
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false));
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> parts = consumer.partitionsFor(topic.name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            RoutingReplay replay = new RoutingReplay(policy, parts.size(), salt);
            consumer.assign(parts);
            consumer.seekToBeginning(parts);
            Map<TopicPartition, Long> ends = consumer.endOffsets(parts);
            long lastProgress = System.nanoTime();
            while (!reached(consumer, ends)) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(500));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (record.offset()
                            < ends.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L)) {
                        replay.read(topic, record);
                    }
                }
                if (!records.isEmpty()) {
                    lastProgress = System.nanoTime();
                } else if (System.nanoTime() - lastProgress > STALLED.toNanos()) {
                    throw new KafkaException("no record of " + topic.name() + " came for " + STALLED.toSeconds()
                            + " s; is a transaction left open, or a broker gone?");
                }
            }
            return replay.report();
        }
    }

    private static boolean reached(KafkaConsumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private void read(Topic<String, Decision> topic, ConsumerRecord<byte[], byte[]> record) {
        try {
            Decision decision =
                    topic.value().deserializer().deserialize(topic.name(), record.headers(), record.value());
            again(record.partition(), decision);
        } catch (SerializationException | IllegalArgumentException e) {
            unreadable++;
        }
    }
}
