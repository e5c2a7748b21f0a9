package io.maskstream.quality;

import static io.maskstream.quality.MaskComparisonTest.png;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.ReviewState;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.schemas.topic.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Quality on a real broker: images of several partitions meet in one figure, and a restart goes on with it. */
class QualityAppIT {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final ByteBuffer PREDICTED = png(2, 0, 1, 1, 0);
    private static final int IMAGES = 12;

    private final Topics topics = new Topics("quality-app.");

    @TempDir
    Path directory;

    @Test
    void measuresOverAllPartitions_andGoesOnAfterARestart() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.temporary()) {
            KafkaConnection connection = KafkaConnection.to(broker.bootstrapServers());
            try (Admin admin = Admin.create(connection.with(Map.of()))) {
                TopicCreation.create(admin, topics.all());
            }
            try (KafkaProducer<String, byte[]> producer =
                    new KafkaProducer<>(connection.with(Map.of()), new StringSerializer(), new ByteArraySerializer())) {
                assertImages(connection, producer, 0, IMAGES);
                assertImages(connection, producer, IMAGES, 2 * IMAGES);
            }
        }
    }

    private void assertImages(KafkaConnection connection, KafkaProducer<String, byte[]> producer, int from, int to)
            throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        QualityConfig usual = QualityConfig.defaults();
        QualityConfig config = new QualityConfig(
                usual.applicationId(),
                directory.resolve("state"),
                usual.commitInterval(),
                usual.line(),
                usual.window(),
                usual.versions(),
                Duration.ofMillis(200),
                usual.maxPixels());
        try (QualityApp app = new QualityApp(config, connection, topics, registry)) {
            app.start();
            for (int i = from; i < to; i++) {
                send(producer, topics.labelTasks(), "img-" + i, task("img-" + i));
                send(producer, topics.annotations(), "img-" + i, annotation("img-" + i));
            }
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> registry.get(QualityMetrics.IMAGES)
                                    .tag("arm", "random")
                                    .gauge()
                                    .value()
                            == to);
            assertThat(registry.get(QualityMetrics.PIXEL_ACCURACY)
                            .tag("arm", "random")
                            .gauge()
                            .value())
                    .isEqualTo(0.75);
            assertThat(app.isHealthy()).isTrue();
        }
    }

    private static <V> void send(KafkaProducer<String, byte[]> producer, Topic<String, V> topic, String key, V value)
            throws Exception {
        producer.send(new ProducerRecord<>(
                        topic.name(), key, topic.value().serializer().serialize(topic.name(), value)))
                .get();
    }

    private static LabelTask task(String id) {
        return LabelTask.newBuilder()
                .setTaskId(id)
                .setImageId(id)
                .setSource("camera")
                .setContent(ImageContent.newBuilder()
                        .setSha256("00")
                        .setMediaType("image/png")
                        .setWidth(2)
                        .setHeight(2)
                        .setSizeBytes(1)
                        .setReference("sha256/00")
                        .build())
                .setAttributes(Map.of())
                .setReason(Reason.EVALUATION)
                .setSplit(Split.EVALUATION)
                .setPriority(1)
                .setModelVersion("v1")
                .setMask(PREDICTED)
                .setConfidence(PREDICTED)
                .setScores(Map.of())
                .setInclusionProbability(0.1)
                .setCreatedAt(NOON)
                .build();
    }

    private static Annotation annotation(String id) {
        return Annotation.newBuilder()
                .setImageId(id)
                .setTaskId(id)
                .setMask(png(2, 0, 1, 0, 0))
                .setAnnotator("ada")
                .setReason(Reason.EVALUATION)
                .setSplit(Split.EVALUATION)
                .setPrefillModelVersion("v1")
                .setAcceptedAsIs(false)
                .setSecondsSpent(1)
                .setStrokes(1)
                .setReview(ReviewState.UNREVIEWED)
                .setAnnotatedAt(NOON)
                .build();
    }
}
