package io.maskstream.trainer.run;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.release.ModelRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A stream of generated scenes as training samples, under topics of its own. */
final class LoopFixture {
    static final int HEIGHT = 48;
    static final int WIDTH = 64;
    private static final StreetScenes SCENES = new StreetScenes(5, HEIGHT, WIDTH);
    private static final Instant CAPTURED = Instant.parse("2026-03-01T12:00:00Z");

    final KafkaConnection connection;
    final Topics topics;

    LoopFixture(String bootstrapServers, String prefix) {
        connection = KafkaConnection.to(bootstrapServers);
        topics = new Topics(prefix);
        try (Admin admin = Admin.create(connection.with(Map.of()))) {
            TopicCreation.create(admin, topics.all());
        }
    }

    /** Settings for a line that learns in seconds. */
    static TrainLoopConfig config(Path cache, String method, int iterations, ModelForm... forms) {
        TrainLoopConfig usual = TrainLoopConfig.defaults();
        return new TrainLoopConfig(
                "street",
                "light",
                StreetScenes.classes().names(),
                StreetScenes.classes().rgb(),
                WIDTH,
                HEIGHT,
                method,
                iterations,
                4,
                5e-3,
                2e-3,
                usual.headLearningRate(),
                usual.gradientClip(),
                usual.precision(),
                Map.of("teacher-decay", 0.9),
                100,
                8,
                Duration.ofHours(1),
                Duration.ofMillis(300),
                Duration.ZERO,
                6,
                2,
                5,
                0,
                0.05,
                cache,
                7,
                "cpu",
                1,
                List.of(forms),
                0.5,
                16);
    }

    static TrainingSample sample(int index, Origin origin, Split split) {
        Scene scene = SCENES.scene(index);
        byte[] image = ImageEncoder.png(scene.image());
        MessageDigest digest = SampleDecoder.sha256();
        digest.update(image);
        ImageContent content = ImageContent.newBuilder()
                .setSha256(SampleDecoder.hex(digest))
                .setMediaType("image/png")
                .setWidth(WIDTH)
                .setHeight(HEIGHT)
                .setSizeBytes(image.length)
                .setBytes(ByteBuffer.wrap(image))
                .build();
        return TrainingSample.newBuilder()
                .setImageId("scene-" + index)
                .setSource("generated")
                .setContent(content)
                .setMask(ByteBuffer.wrap(GreyPng.encode(scene.mask())))
                .setOrigin(origin)
                .setSplit(split)
                .setReason(origin == Origin.HUMAN ? Reason.SEED : Reason.CONFIDENT)
                .setCreatedAt(CAPTURED)
                .build();
    }

    void send(List<TrainingSample> samples) {
        try (KafkaProducer<String, TrainingSample> producer = new KafkaProducer<>(
                connection.with(Map.of()),
                topics.trainingSamples().key().serializer(),
                topics.trainingSamples().value().serializer())) {
            for (TrainingSample sample : samples) {
                producer.send(topics.trainingSamples().record(sample.getImageId(), sample))
                        .get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    void sendGarbage(String key) {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(connection.with(Map.of()), new StringSerializer(), new ByteArraySerializer())) {
            var unused =
                    producer.send(new ProducerRecord<>(topics.trainingSamples().name(), key, new byte[] {1, 2, 3}));
            producer.flush();
        }
    }

    List<ModelRelease> releases() {
        try (ModelRegistry registry = new ModelRegistry(connection, topics)) {
            return registry.list("street");
        }
    }

    /** Returns every record of a topic, in order, compacted or not. */
    <V> List<V> records(Topic<String, V> topic) {
        List<V> values = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                connection.with(Map.of("isolation.level", "read_committed")),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(info -> new TopicPartition(topic.name(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(topic.value().deserializer().deserialize(topic.name(), record.value()));
                }
            }
        }
        return values;
    }
}
