package io.maskstream.trainer.run;

import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.trainer.data.ClassBalancedReservoir;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.ExampleCache;
import io.maskstream.trainer.release.TopicPartitions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all training samples from the beginning into the pool and the cache, committed ones only.
 *
 * <p>It holds no group and commits nothing: the topic is kept for ever, so the pool is rebuilt from it at every start, quickly, since the
 * cache has the decoded examples. A record that cannot be used becomes a dead letter once; the list of those already sent is kept beside
 * the cache.
 */
final class SampleReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SampleReader.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int READ_ATTEMPTS = 3;
    private static final int STACK_CHARACTERS = 2000;

    private final Topics topics;
    private final SampleDecoder decoder;
    private final SamplePool pool;
    private final ExampleCache cache;
    private final int classes;
    private final Clock clock;
    private final Runnable refused;
    private final Path refusedFile;
    private final Set<String> refusedBefore;
    private final Consumer<byte[], byte[]> consumer;
    private final Producer<String, DeadLetter> deadLetters;
    private final Map<TopicPartition, Long> ends;

    /**
     * @param refused told of every sample refused for the first time
     */
    SampleReader(
            KafkaConnection connection,
            Topics topics,
            SampleDecoder decoder,
            SamplePool pool,
            ExampleCache cache,
            int classes,
            Path folder,
            Clock clock,
            Runnable refused)
            throws IOException {
        this.topics = topics;
        this.decoder = decoder;
        this.pool = pool;
        this.cache = cache;
        this.classes = classes;
        this.clock = clock;
        this.refused = refused;
        this.refusedFile = folder.resolve("refused.txt");
        this.refusedBefore =
                Files.exists(refusedFile) ? new HashSet<>(Files.readAllLines(refusedFile)) : new HashSet<>();
        this.consumer = new KafkaConsumer<>(
                connection.with(Map.of(
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        50)),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        this.deadLetters = new KafkaProducer<>(
                connection.with(Map.of(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 2 * Topics.MAX_MESSAGE_BYTES)),
                topics.deadLetters().key().serializer(),
                topics.deadLetters().value().serializer());
        String name = topics.trainingSamples().name();
        List<TopicPartition> partitions = TopicPartitions.of(consumer, name);
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        this.ends = consumer.endOffsets(partitions, PATIENCE);
    }

    /** Reads to the end that the topic had when this reader was made. */
    void catchUp() {
        readTo(ends);
    }

    /** Reads the records before some offsets and no later one. */
    void readBefore(Map<Integer, Long> offsets) {
        Map<TopicPartition, Long> targets = new HashMap<>();
        for (TopicPartition partition : ends.keySet()) {
            targets.put(partition, offsets.getOrDefault(partition.partition(), 0L));
        }
        readTo(targets);
        consumer.resume(consumer.paused());
    }

    private void readTo(Map<TopicPartition, Long> targets) {
        long quietSince = System.nanoTime();
        while (true) {
            Collection<TopicPartition> reached = targets.entrySet().stream()
                    .filter(target -> consumer.position(target.getKey()) >= target.getValue())
                    .map(Map.Entry::getKey)
                    .toList();
            if (reached.size() == targets.size()) {
                return;
            }
            consumer.pause(reached);
            int read = 0;
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                if (record.offset() < targets.getOrDefault(partition, Long.MAX_VALUE)) {
                    take(record);
                    read++;
                } else {
                    consumer.seek(partition, targets.getOrDefault(partition, record.offset()));
                    consumer.pause(List.of(partition));
                }
            }
            if (read > 0) {
                quietSince = System.nanoTime();
            } else if (System.nanoTime() - quietSince > PATIENCE.toNanos()) {
                throw new KafkaException("no sample came for " + PATIENCE + " before " + targets + " was reached");
            }
        }
    }

    /** Reads what there is now, waiting a little; returns how many records came. */
    int poll() {
        consumer.resume(consumer.paused());
        int count = 0;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            take(record);
            count++;
        }
        return count;
    }

    /** Makes a poll under way on another thread end with {@link WakeupException}. */
    void wakeUp() {
        consumer.wakeup();
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        SamplePool.Entry entry = null;
        try {
            entry = entry(record);
        } catch (IOException | RuntimeException e) {
            refuse(record, e);
        }
        pool.take(record.partition(), record.offset(), entry);
    }

    private SamplePool.@Nullable Entry entry(ConsumerRecord<byte[], byte[]> record) throws IOException {
        if (record.value() == null) {
            throw new IOException("the record has no value; the topic holds training samples only");
        }
        TrainingSample sample = topics.trainingSamples()
                .value()
                .deserializer()
                .deserialize(record.topic(), record.headers(), record.value());
        String key = decoder.key(sample);
        Example example = cache.find(key).orElse(null);
        if (example == null) {
            example = decode(sample);
            cache.put(key, example);
        }
        return new SamplePool.Entry(
                sample.getImageId(),
                sample.getContent().getSha256(),
                sample.getOrigin(),
                sample.getSplit(),
                key,
                decoder.maskDigest(sample),
                ClassBalancedReservoir.histogram(example.requireMask(), classes),
                record.partition(),
                record.offset(),
                clock.instant());
    }

    /** A content store on a network may fail for a moment; a bad image stays bad. */
    private Example decode(TrainingSample sample) throws IOException {
        IOException last = null;
        for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
            try {
                return decoder.decode(sample);
            } catch (IOException e) {
                if (sample.getContent().getBytes() != null) {
                    throw e;
                }
                last = e;
            }
        }
        throw last == null ? new IOException("not read") : last;
    }

    private void refuse(ConsumerRecord<byte[], byte[]> record, Exception cause) {
        String place = record.topic() + "-" + record.partition() + "-" + record.offset();
        if (refusedBefore.contains(place)) {
            return;
        }
        LOG.warn("sample {} cannot be used and goes to the dead letters: {}", place, cause.toString());
        Map<String, ByteBuffer> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), ByteBuffer.wrap(header.value() == null ? new byte[0] : header.value()));
        }
        DeadLetter letter = DeadLetter.newBuilder()
                .setStage("trainer")
                .setTopic(record.topic())
                .setPartition(record.partition())
                .setOffset(record.offset())
                .setKey(record.key() == null ? null : ByteBuffer.wrap(record.key()))
                .setValue(record.value() == null ? null : ByteBuffer.wrap(record.value()))
                .setHeaders(headers)
                .setCause(cause.getMessage() == null ? cause.toString() : cause.getMessage())
                .setException(cause.getClass().getName())
                .setStack(stack(cause))
                .setFailedAt(clock.instant())
                .build();
        try {
            deadLetters.send(topics.deadLetters().record(place, letter)).get();
            Files.writeString(
                    refusedFile, place + System.lineSeparator(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (ExecutionException e) {
            throw new KafkaException("the dead letter of " + place + " was not taken", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while writing the dead letter of " + place, e);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        refusedBefore.add(place);
        refused.run();
    }

    private static String stack(Exception cause) {
        StringWriter text = new StringWriter();
        cause.printStackTrace(new PrintWriter(text));
        return text.toString()
                .substring(0, Math.min(STACK_CHARACTERS, text.getBuffer().length()));
    }

    @Override
    public void close() {
        consumer.close();
        deadLetters.close();
    }
}
