package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelOutput;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.service.DeadLetterReplay;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InferenceAppIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static EmbeddedBroker broker;

    @TempDir
    private Path dir;

    private InferenceStage stage;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.temporary();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void surround() throws Exception {
        stage = new InferenceStage(broker.bootstrapServers(), dir);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void predictsGoodImagesAndLettersBadOnes_whenTheyAreMixed() throws Exception {
        stage.release("v1", 3, 1);
        List<MalformedImages.Case> bad = MalformedImages.all(stage.topics);
        assertThat(bad).hasSizeGreaterThanOrEqualTo(25);
        InferenceApp app = stage.start();
        stage.publish(20, 1);
        bad.forEach(one -> stage.sendRaw(stage.topics.images().name(), one.key(), one.value()));
        stage.publish(20, 2);

        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(stage.predictions()).hasSize(40);
            assertThat(stage.deadLetters()).hasSize(bad.size());
        });
        assertThat(app.isHealthy()).isTrue();
        Map<String, DeadLetter> byValue = new HashMap<>();
        stage.deadLetters().forEach(letter -> byValue.put(text(letter.getKey()) + text(letter.getValue()), letter));
        for (MalformedImages.Case one : bad) {
            DeadLetter letter = Objects.requireNonNull(
                    byValue.get(text(wrap(one.key())) + text(wrap(one.value()))), () -> "no letter of: " + one.name());
            assertThat(letter.getCause()).as(one.name()).contains(one.cause());
            assertThat(letter.getStage()).isEqualTo("inference");
            assertThat(letter.getTopic()).isEqualTo(stage.topics.images().name());
        }
        assertThat(stage.predictions().stream().map(Prediction::getImageId)).doesNotHaveDuplicates();
        assertThat(stage.registry
                        .get("inference.images")
                        .tag("outcome", "predicted")
                        .counter()
                        .count())
                .isEqualTo(40);
    }

    @Test
    void saysEverythingOfAnImage_asTheModelItselfSaysIt() throws Exception {
        Path file = stage.release("v1", 3, 1);
        stage.publish(6, 1);
        stage.start();
        await().atMost(PATIENCE).until(() -> stage.predictions().size() == 6);
        try (InferenceModel model = InferenceModel.open(file, Device.CPU, 1)) {
            for (Prediction prediction : stage.predictions()) {
                ModelOutput expected = run(model, prediction);
                assertThat(mask(prediction)).isEqualTo(expected.mask());
                assertThat(GreyPng.confidence(bytes(prediction.getConfidence()), 1_000_000))
                        .isEqualTo(expected.confidence());
                assertThat(prediction.getScores().keySet()).containsExactlyInAnyOrderElementsOf(PseudoLabelHead.SCORES);
                assertThat(prediction.getScores()).isEqualTo(expected.scores());
                assertThat(prediction.getModelVersion()).isEqualTo("v1");
                assertThat(prediction.getModelRound()).isEqualTo(3);
                assertThat(prediction.getRegions().getScores().remaining())
                        .isEqualTo(prediction.getRegions().getRows()
                                * prediction.getRegions().getColumns());
                assertThat(prediction.getClassFigures()).hasSameSizeAs(expected.classFigures());
                assertThat(prediction.getTimings().getRunMillis()).isPositive();
                assertThat(prediction.getTimings().getBatchSize()).isBetween(1, 4);
                assertThat(prediction.getAttributes()).containsKey("name");
            }
        }
    }

    @Test
    void waitsInGoodHealth_whileThereIsNoModel() throws Exception {
        InferenceApp app = stage.start();
        stage.publish(10, 1);
        await().during(Duration.ofMillis(500))
                .atMost(PATIENCE)
                .until(() -> app.isHealthy() && app.state() == InferenceApp.State.WAITING_FOR_MODEL);
        assertThat(stage.registry.get("inference.waiting.for.model").gauge().value())
                .isEqualTo(1);
        assertThat(stage.predictions()).isEmpty();

        stage.release("v0", 0, 1);

        await().atMost(PATIENCE).until(() -> stage.predictions().size() == 10);
        assertThat(app.servingVersion()).isEqualTo("v0");
        assertThat(stage.predictions()).allMatch(prediction -> prediction.getModelRound() == 0);
    }

    @Test
    void countsEachImageOnce_whenMembersComeAndGo() throws Exception {
        stage.release("v1", 1, 1);
        InferenceApp first = stage.start();
        stage.publish(150, 1);
        InferenceApp second = stage.start();
        stage.publish(150, 2);
        await().atMost(PATIENCE).until(() -> second.servingVersion() != null);
        first.close();
        stage.publish(150, 3);
        InferenceApp third = stage.start();
        stage.publish(50, 4);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stage.predictions()).hasSize(500));
        assertThat(ids()).hasSize(500);
        assertThat(second.isHealthy()).isTrue();
        assertThat(third.isHealthy()).isTrue();
        assertThat(stage.deadLetters()).isEmpty();
    }

    @Test
    void endsTheZombie_whenAnotherProcessTakesItsName() throws Exception {
        stage.release("v1", 1, 1);
        InferenceApp zombie = stage.start(stage.config("one"));
        stage.publish(40, 1);
        await().atMost(PATIENCE).until(() -> !stage.predictions().isEmpty());
        InferenceApp heir = stage.start(stage.config("one"));
        stage.publish(200, 2);

        await().atMost(PATIENCE).untilAsserted(() -> {
            stage.publish(1, System.nanoTime());
            assertThat(zombie.isHealthy()).isFalse();
        });
        long published = (long) stage.registry
                .get("ingest.images")
                .tag("outcome", "published")
                .counter()
                .count();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stage.predictions()).hasSize((int) published));
        assertThat(ids()).hasSize((int) published);
        assertThat(zombie.failure()).hasMessageContaining("inference.instance");
        assertThat(heir.isHealthy()).isTrue();
    }

    @Test
    void predictsAMendedImage_whenItsDeadLetterIsReplayed() throws Exception {
        stage.release("v1", 1, 1);
        stage.start();
        byte[] good = MalformedImages.goodEvent(stage.topics, "mended");
        byte[] bad = good.clone();
        bad[4] ^= 1;
        stage.sendRaw(stage.topics.images().name(), "mended".getBytes(StandardCharsets.UTF_8), bad);
        await().atMost(PATIENCE).until(() -> stage.deadLetters().size() == 1);

        DeadLetterReplay replay = new DeadLetterReplay(stage.connection, stage.topics);
        assertThat(replay.replay(replay.list()).replayed()).hasSize(1);
        await().atMost(PATIENCE).until(() -> stage.deadLetters().size() == 2); // unmended, it fails again
        List<DeadLetterReplay.Listed> listed = replay.list();
        assertThat(listed.stream().map(DeadLetterReplay.Listed::replayedBefore)).containsExactlyInAnyOrder(false, true);

        replay.replay(listed.subList(0, 1), letter -> good);

        await().atMost(PATIENCE).until(() -> stage.predictions().size() == 1);
        assertThat(ids()).containsExactly("mended");
        assertThat(stage.deadLetters()).hasSize(2);
        List<ConsumerRecord<String, byte[]>> sent =
                stage.committed(stage.topics.images().name(), new ByteArrayDeserializer());
        assertThat(sent.get(0).headers().lastHeader(DeadLetterReplay.REPLAYED)).isNull();
        assertThat(new String(
                        sent.get(2)
                                .headers()
                                .lastHeader(DeadLetterReplay.REPLAYED)
                                .value(),
                        StandardCharsets.UTF_8))
                .isEqualTo(listed.get(0).key());
    }

    private Set<String> ids() {
        return stage.predictions().stream().map(Prediction::getImageId).collect(Collectors.toSet());
    }

    static ModelOutput run(InferenceModel model, Prediction prediction) throws Exception {
        ImageDecoder decoder = new ImageDecoder(ImageLimits.DEFAULT);
        byte[] picture = bytes(prediction.getContent().getBytes());
        return model.run(List.of(decoder.decode(picture))).get(0);
    }

    static Mask mask(Prediction prediction) throws Exception {
        return GreyPng.mask(bytes(prediction.getMask()), 1_000_000);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static String text(@Nullable ByteBuffer bytes) {
        return bytes == null ? "null" : new String(bytes(bytes), StandardCharsets.ISO_8859_1);
    }
}
