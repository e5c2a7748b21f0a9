package io.maskstream.service;

import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Lists the dead letters and sends the records in them again, to the topic that they were read from.
 *
 * <p>A record sent again has its own key, value and headers, and the header {@link #REPLAYED} beside them with the key of
 * its dead letter. A record that fails again leaves a new dead letter with that header, so its history can be followed.
 */
public final class DeadLetterReplay {
    /** Header of a record that was sent again; its value is the key of the dead letter it came from. */
    public static final String REPLAYED = "maskstream.replayed";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaConnection connection;
    private final Topics topics;

    /**
     * A dead letter that is on its topic.
     *
     * @param key its key: topic, partition and offset of the record
     * @param letter the dead letter
     * @param replayedBefore whether the record in it had been sent again already when it failed
     */
    public record Listed(String key, DeadLetter letter, boolean replayedBefore) {}

    /**
     * What a replay did.
     *
     * @param replayed keys of the dead letters whose records were sent again
     * @param skipped keys of those that could not be, with the reason
     */
    public record Report(List<String> replayed, List<String> skipped) {
        public Report {
            replayed = List.copyOf(replayed);
            skipped = List.copyOf(skipped);
        }
    }

    /** Nothing is read or sent yet. */
    public DeadLetterReplay(KafkaConnection connection, Topics topics) {
        this.connection = connection;
        this.topics = topics;
    }

    /**
     * Returns every dead letter there is now, oldest first.
     *
     * @throws KafkaException if the topic is missing or the cluster does not answer in time
     */
    public List<Listed> list() {
        List<Listed> found = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                connection.with(Map.of(
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                        false,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            String name = topics.deadLetters().name();
            List<TopicPartition> partitions = new ArrayList<>();
            for (PartitionInfo partition : consumer.partitionsFor(name, PATIENCE)) {
                partitions.add(new TopicPartition(name, partition.partition()));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!isAtEnd(consumer, ends)) {
                if (System.nanoTime() - deadline > 0) {
                    throw new KafkaException(
                            "the end of " + name + " was not reached within " + PATIENCE.toSeconds() + " s");
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    deadline = System.nanoTime() + PATIENCE.toNanos();
                    DeadLetter letter =
                            topics.deadLetters().value().deserializer().deserialize(name, record.value());
                    if (letter != null) {
                        found.add(new Listed(
                                DeadLetters.keyOf(letter),
                                letter,
                                letter.getHeaders().containsKey(REPLAYED)));
                    }
                }
            }
        }
        return found;
    }

    private static boolean isAtEnd(Consumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    /** Sends the records of some dead letters again as they were. */
    public Report replay(Collection<Listed> letters) {
        return replay(letters, DeadLetterReplay::valueOf);
    }

    /**
     * Sends the records of some dead letters again, their values mended.
     *
     * @param mend gives the value to send for a dead letter; null where there is none, which is skipped
     */
    public Report replay(Collection<Listed> letters, Function<DeadLetter, byte @Nullable []> mend) {
        List<String> replayed = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                connection.with(Map.of(
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                        Topics.MAX_MESSAGE_BYTES)),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (Listed listed : letters) {
                byte @Nullable [] value = mend.apply(listed.letter());
                if (!seen.add(listed.key())) {
                    skipped.add(listed.key() + ": it is listed twice");
                } else if (value == null) {
                    skipped.add(listed.key() + ": it has no value to send; give a mended one");
                } else {
                    try {
                        producer.send(again(listed, value)).get();
                        replayed.add(listed.key());
                    } catch (ExecutionException e) {
                        skipped.add(listed.key() + ": " + e.getCause());
                    } catch (InterruptedException e) {
                        throw new InterruptException(e);
                    }
                }
            }
        }
        return new Report(replayed, skipped);
    }

    private static ProducerRecord<byte[], byte[]> again(Listed listed, byte[] value) {
        DeadLetter letter = listed.letter();
        ByteBuffer key = letter.getKey();
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(letter.getTopic(), key == null ? null : bytes(key), value);
        letter.getHeaders().forEach((name, content) -> {
            if (!name.equals(REPLAYED)) {
                record.headers().add(name, bytes(content));
            }
        });
        record.headers().add(REPLAYED, listed.key().getBytes(StandardCharsets.UTF_8));
        return record;
    }

    private static byte @Nullable [] valueOf(DeadLetter letter) {
        ByteBuffer value = letter.getValue();
        return value == null ? null : bytes(value);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        ByteBuffer copy = buffer.duplicate();
        byte[] bytes = new byte[copy.remaining()];
        copy.get(bytes);
        return bytes;
    }
}
