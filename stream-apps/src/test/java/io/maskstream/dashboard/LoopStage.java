package io.maskstream.dashboard;

import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends events to the topics of a broker under test, as the stages would. */
final class LoopStage implements AutoCloseable {
    private final KafkaConnection connection;
    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;

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
        producer.send(new ProducerRecord<>(
                topic.name(),
                topic.key().serializer().serialize(topic.name(), key),
                topic.value().serializer().serialize(topic.name(), value)));
    }

    void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
    }
}
