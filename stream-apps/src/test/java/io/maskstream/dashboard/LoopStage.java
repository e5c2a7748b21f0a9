package io.maskstream.dashboard;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends events to the topics of a broker under test, as the stages would. */
final class LoopStage implements AutoCloseable {
    private final KafkaConnection connection;
    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Deque<Future<RecordMetadata>> sent = new ArrayDeque<>();

    LoopStage(KafkaConnection connection, Topics topics) {
        this.connection = connection;
        this.topics = topics;
        this.producer =
                new KafkaProducer<>(connection.with(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
    }

    void createTopics() {
        try (Admin admin = Admin.create(connection.with(Map.of()))) {
            TopicCreation.create(admin, topics.all());
        }
    }

    <V> void send(Topic<String, V> topic, String key, V value) {
        sent.add(producer.send(new ProducerRecord<>(
                topic.name(),
                topic.key().serializer().serialize(topic.name(), key),
                topic.value().serializer().serialize(topic.name(), value))));
    }

    /** Sends bytes as they are, which may be no event. */
    void sendBytes(String topic, byte[] value) {
        sent.add(producer.send(new ProducerRecord<>(topic, 0, new byte[] {1}, value)));
    }

    /** Sends one event in a transaction of its own, which is committed or rolled back. */
    <V> void inTransaction(Topic<String, V> topic, String key, V value, boolean commit) {
        Map<String, Object> properties = connection.with(Map.of("transactional.id", "stage-under-test"));
        try (KafkaProducer<String, V> transactional = new KafkaProducer<>(
                properties, topic.key().serializer(), topic.value().serializer())) {
            transactional.initTransactions();
            transactional.beginTransaction();
            sent.add(transactional.send(topic.record(key, value)));
            transactional.flush();
            if (commit) {
                transactional.commitTransaction();
            } else {
                transactional.abortTransaction();
            }
        }
    }

    /** Returns when everything sent was taken; fails if something was not. */
    void flush() {
        producer.flush();
        while (!sent.isEmpty()) {
            try {
                sent.remove().get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException("an event of the test was not taken", e);
            }
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
