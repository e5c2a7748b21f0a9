package io.maskstream.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.store.FileContentStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoopViewIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final EmbeddedBroker broker = EmbeddedBroker.temporary();
    private final KafkaConnection connection = KafkaConnection.to(broker.bootstrapServers());
    private final Topics topics = new Topics(Topics.DEFAULT_PREFIX);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LoopStage stage = new LoopStage(connection, topics);
    private LoopView view;

    @BeforeEach
    void makeView() throws Exception {
        view = new LoopView(DashboardConfig.defaults(), connection, topics, new FileContentStore(directory), registry);
    }

    @AfterEach
    void close() {
        view.close();
        stage.close();
        broker.close();
    }

    @Test
    void showsWhatWasThereAndWhatFlows_andCallsOnlyTheLatterARate() {
        stage.createTopics();
        for (int i = 0; i < 30; i++) {
            stage.send(topics.images(), "old" + i, LoopEvents.image("old" + i));
            stage.send(topics.decisions(), "old" + i, decision("old" + i));
        }
        stage.flush();
        view.start();
        await().atMost(SOON)
                .until(() -> view.snapshot().caughtUp() && total("decisions") == 30 && total("images") == 30);
        assertThat(rate("decisions")).isZero();
        assertThat(rate("images")).isZero();

        for (int i = 0; i < 20; i++) {
            stage.send(topics.images(), "new" + i, LoopEvents.image("new" + i));
            stage.send(topics.decisions(), "new" + i, decision("new" + i));
        }
        stage.flush();
        await().atMost(SOON).until(() -> total("decisions") == 50 && total("images") == 50);
        assertThat(rate("decisions")).isEqualTo(2.0);
        assertThat(rate("images")).isEqualTo(2.0);
        assertThat(view.snapshot().decisions()).hasSize(LoopState.MOST_CARDS);
        assertThat(registry.get(DashboardMetrics.RECORDS)
                        .tag("topic", "decisions")
                        .counter()
                        .count())
                .isEqualTo(50);
        assertThat(view.isHealthy()).isTrue();
    }

    @Test
    void picksUpTopics_whenTheyAppearLater() {
        view.start();
        assertThat(view.snapshot().waits()).extracting(LoopSnapshot.Wait::part).contains("publishers", "model");
        stage.createTopics();
        stage.send(
                topics.models(), "default/v0", LoopEvents.release("v0", 0, ModelStatus.STARTING, null, Instant.now()));
        stage.flush();
        await().atMost(SOON).until(() -> view.snapshot().model() != null);
        assertThat(view.snapshot().waits()).extracting(LoopSnapshot.Wait::part).doesNotContain("model");
    }

    @Test
    void tellsHowFarAGroupIsBehind() {
        stage.createTopics();
        for (int i = 0; i < 12; i++) {
            stage.send(topics.images(), "i" + i, LoopEvents.image("i" + i));
        }
        stage.flush();
        commitStartOfImages("maskstream-inference");
        view.start();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(view.snapshot().edges().get("images"))
                        .isNotNull()
                        .satisfies(edge -> assertThat(edge.lags())
                                .containsExactly(new LoopSnapshot.Lag("maskstream-inference", 12))));
        assertThat(registry.get(DashboardMetrics.LAG)
                        .tag("topic", "images")
                        .gauge()
                        .value())
                .isEqualTo(12);
    }

    @Test
    void doesNotSeeWhatWasRolledBack_norStumbleOverWhatItCannotRead() {
        stage.createTopics();
        view.start();
        await().atMost(SOON).until(() -> view.snapshot().caughtUp());
        stage.inTransaction(topics.predictions(), "no", LoopEvents.prediction("no", "v1", 1, Instant.now()), false);
        stage.inTransaction(topics.predictions(), "yes", LoopEvents.prediction("yes", "v1", 1, Instant.now()), true);
        stage.sendBytes(topics.decisions().name(), new byte[] {9, 9, 9});
        stage.send(topics.decisions(), "yes", decision("yes"));
        stage.flush();
        await().atMost(SOON).until(() -> total("decisions") == 2 && total("predictions") == 1);
        assertThat(total("unreadable")).isEqualTo(1);
        assertThat(view.snapshot().decisions()).singleElement().satisfies(card -> {
            assertThat(card.imageId()).isEqualTo("yes");
            assertThat(card.pictures()).isTrue();
        });
    }

    private void commitStartOfImages(String group) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                connection.with(Map.of("group.id", group)), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer
                    .partitionsFor(topics.images().name())
                    .stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            partitions.forEach(p -> consumer.commitSync(Map.of(p, new OffsetAndMetadata(0))));
        }
    }

    private static Decision decision(String id) {
        return LoopEvents.decision(id, "v1", Route.LEARN, Reason.CONFIDENT, Instant.now());
    }

    private long total(String topic) {
        LoopSnapshot.Edge edge = view.snapshot().edges().get(topic);
        return edge == null ? 0 : edge.total();
    }

    private double rate(String topic) {
        LoopSnapshot.Edge edge = view.snapshot().edges().get(topic);
        return edge == null ? 0 : edge.perSecond();
    }
}
