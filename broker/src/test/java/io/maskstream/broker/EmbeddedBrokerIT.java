package io.maskstream.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
    @TempDir
    private Path directory;

    @Test
    void keepsRecordsAndClusterId_whenRestarted() throws Exception {
        byte[] large = new byte[12 * 1024 * 1024];
        large[large.length - 1] = 7;
        String clusterId;
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0)) {
            clusterId = clusterId(broker);
            create(broker, "kept");
            send(broker, "kept", large);
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory, 0);
                KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers(), "auto.offset.reset", "earliest"),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            assertThat(clusterId(broker)).isEqualTo(clusterId);
            consumer.assign(List.of(new TopicPartition("kept", 0)));
            List<byte[]> read = new ArrayList<>();
            Instant giveUp = Instant.now().plusSeconds(30);
            while (read.isEmpty() && Instant.now().isBefore(giveUp)) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> read.add(record.value()));
            }
            assertThat(read).singleElement().isEqualTo(large);
        }
    }

    @Test
    void sharesAPartitionBetweenMembers_whenTheyAreInAShareGroup() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.temporary();
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            create(broker, "tasks");
            ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "desk");
            admin.incrementalAlterConfigs(Map.of(
                            group,
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            send(broker, "tasks", new byte[] {1});
            send(broker, "tasks", new byte[] {2});
            try (KafkaShareConsumer<String, byte[]> consumer = new KafkaShareConsumer<>(
                    Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", "desk"),
                    new StringDeserializer(),
                    new ByteArrayDeserializer())) {
                consumer.subscribe(List.of("tasks"));
                List<Byte> read = new ArrayList<>();
                Instant giveUp = Instant.now().plusSeconds(60);
                while (read.size() < 2 && Instant.now().isBefore(giveUp)) {
                    consumer.poll(Duration.ofMillis(200)).forEach(record -> read.add(record.value()[0]));
                }
                assertThat(read).containsExactly((byte) 1, (byte) 2);
            }
        }
    }

    @Test
    void deletesItsDirectory_whenItWasTemporary() {
        EmbeddedBroker broker = EmbeddedBroker.temporary();
        Path data = broker.dataDir();
        assertThat(data).isDirectory();
        broker.close();
        assertThat(Files.exists(data)).isFalse();
    }

    @Test
    void doesNotCreateATopic_whenOneIsOnlyNamed() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.temporary()) {
            assertThatThrownBy(() -> send(broker, "nobody-made-this", new byte[1]))
                    .hasMessageContaining("nobody-made-this");
        }
    }

    @Test
    void saysWhatToDo_whenThePortIsTaken() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.temporary()) {
            int taken = Integer.parseInt(broker.bootstrapServers().substring("127.0.0.1:".length()));
            assertThatThrownBy(() -> EmbeddedBroker.start(directory, taken))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("port " + taken)
                    .hasMessageContaining("choose another port");
        }
    }

    private static String clusterId(EmbeddedBroker broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            return admin.describeCluster().clusterId().get();
        }
    }

    private static void create(EmbeddedBroker broker, String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
                    .all()
                    .get();
        }
    }

    private static void send(EmbeddedBroker broker, String topic, byte[] value) throws Exception {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "max.request.size",
                        EmbeddedBroker.MAX_MESSAGE_BYTES,
                        "max.block.ms",
                        2000),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, "key", value)).get();
        }
    }
}
