package io.maskstream.schemas.topic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/**
 * Creates the topics of the catalogue that are not there, and says where those that are there differ.
 *
 * <p>Nothing that exists is changed: a partition added later would move keys, and a shorter retention would delete
 * records, so both are left to an operator with the remedy that the report names. Replication and
 * {@code min.insync.replicas} are the brokers' own defaults.
 */
public final class TopicCreation {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration VISIBLE_EVERY = Duration.ofMillis(20);

    private TopicCreation() {}

    /**
     * What was found and done.
     *
     * @param created names of the topics made now
     * @param existing names of the topics that were there, with or without differences
     * @param differences where existing topics are not as the catalogue lays them out
     */
    public record Report(List<String> created, List<String> existing, List<Difference> differences) {
        public Report {
            created = List.copyOf(created);
            existing = List.copyOf(existing);
            differences = List.copyOf(differences);
        }

        /** Says whether every topic is now as the catalogue lays it out. */
        public boolean isAsLaidOut() {
            return differences.isEmpty();
        }
    }

    /**
     * One setting of an existing topic that is not as laid out.
     *
     * @param topic its name
     * @param setting {@code partitions} or the name of a topic configuration
     * @param expected what the catalogue says
     * @param found what the brokers say
     * @param remedy what an operator can do
     */
    public record Difference(String topic, String setting, String expected, String found, String remedy) {
        @Override
        public String toString() {
            return "topic " + topic + ": " + setting + " is " + found + ", expected " + expected + "; " + remedy;
        }
    }

    /**
     * Creates what is missing; safe to call again, and from several processes at once.
     *
     * @throws KafkaException if the brokers cannot be reached or refuse
     */
    public static Report create(Admin admin, Collection<? extends Topic<?, ?>> topics) {
        Map<String, Topic<?, ?>> wanted = new LinkedHashMap<>();
        topics.forEach(topic -> wanted.put(topic.name(), topic));
        Set<String> present = await(admin.listTopics().names(), "list the topics");

        List<NewTopic> missing = new ArrayList<>();
        List<String> existing = new ArrayList<>();
        for (Topic<?, ?> topic : wanted.values()) {
            if (present.contains(topic.name())) {
                existing.add(topic.name());
            } else {
                missing.add(
                        new NewTopic(topic.name(), Optional.of(topic.layout().partitions()), Optional.empty())
                                .configs(configs(topic.layout())));
            }
        }
        List<String> created = new ArrayList<>();
        CreateTopicsOptions options = new CreateTopicsOptions().timeoutMs((int) PATIENCE.toMillis());
        admin.createTopics(missing, options).values().forEach((name, future) -> {
            if (wasCreated(name, future)) {
                created.add(name);
            } else {
                existing.add(name);
            }
        });
        missing.forEach(topic -> awaitVisible(admin, topic.name()));
        return new Report(new ArrayList<>(new TreeSet<>(created)), existing, differences(admin, wanted, existing));
    }

    /** Returns the configuration that a layout stands for, by Kafka's own names. */
    static Map<String, String> configs(TopicLayout layout) {
        Map<String, String> configs = new HashMap<>();
        configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(layout.maxMessageBytes()));
        if (layout.compacted()) {
            configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
        } else {
            configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
            Duration retention = layout.retention();
            configs.put(
                    TopicConfig.RETENTION_MS_CONFIG, retention == null ? "-1" : Long.toString(retention.toMillis()));
        }
        return configs;
    }

    private static List<Difference> differences(Admin admin, Map<String, Topic<?, ?>> wanted, List<String> names) {
        if (names.isEmpty()) {
            return List.of();
        }
        Map<String, TopicDescription> described =
                await(admin.describeTopics(names).allTopicNames(), "describe the topics");
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<ConfigResource, Config> configured =
                await(admin.describeConfigs(resources).all(), "read the configuration of the topics");

        List<Difference> found = new ArrayList<>();
        for (ConfigResource resource : resources) {
            String name = resource.name();
            Topic<?, ?> topic = wanted.get(name);
            TopicDescription description = described.get(name);
            Config config = configured.get(resource);
            if (topic == null || description == null || config == null) {
                continue;
            }
            comparePartitions(
                    name, topic.layout().partitions(), description.partitions().size(), found);
            new TreeMap<>(configs(topic.layout()))
                    .forEach((key, expected) -> compareConfig(name, key, expected, config.get(key), found));
        }
        return found;
    }

    private static void comparePartitions(String topic, int expected, int found, List<Difference> differences) {
        if (expected == found) {
            return;
        }
        String remedy = found < expected
                ? "stop the apps, then: kafka-topics.sh --alter --topic " + topic + " --partitions " + expected
                        + " (keys move, so do it while every consumer has caught up), or configure " + found
                        + " partitions"
                : "configure " + found + " partitions; partitions cannot be taken away from a topic";
        differences.add(
                new Difference(topic, "partitions", Integer.toString(expected), Integer.toString(found), remedy));
    }

    private static void compareConfig(
            String topic, String key, String expected, @Nullable ConfigEntry entry, List<Difference> differences) {
        String found = entry == null ? "not set" : entry.value();
        if (!expected.equals(found)) {
            differences.add(new Difference(
                    topic,
                    key,
                    expected,
                    found,
                    "run: kafka-configs.sh --alter --topic " + topic + " --add-config " + key + "=" + expected));
        }
    }

    /**
     * A topic is created before every broker has heard of it, and heard of before its leaders take records; whoever asks or
     * sends next is to find them ready.
     */
    private static void awaitVisible(Admin admin, String topic) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                Map<String, TopicDescription> found =
                        await(admin.describeTopics(List.of(topic)).allTopicNames(), "describe new topic " + topic);
                Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
                for (TopicDescription description : found.values()) {
                    description
                            .partitions()
                            .forEach(partition ->
                                    latest.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
                }
                await(admin.listOffsets(latest).all(), "ask the leaders of new topic " + topic);
                return;
            } catch (KafkaException e) {
                if (!(e.getCause() instanceof InvalidMetadataException) || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(VISIBLE_EVERY.toNanos());
            }
        }
    }

    private static boolean wasCreated(String topic, KafkaFuture<?> future) {
        try {
            await(future, "create topic " + topic);
            return true;
        } catch (KafkaException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false; // another process was quicker
            }
            throw e;
        }
    }

    private static <T> T await(KafkaFuture<T> future, String what) {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new KafkaException("could not " + what + ": " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new KafkaException(
                    "could not " + what + " within " + PATIENCE.toSeconds() + " s; are the brokers reachable?", e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
