package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.segmentation.form.Int8Form;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HotSwapIT {
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
    void losesAndMixesNothing_whenModelsChangeUnderLoad() throws Exception {
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("v1", stage.release("v1", 1, 1));
        InferenceApp app = stage.start();
        AtomicBoolean enough = new AtomicBoolean();
        AtomicReference<Exception> failure = new AtomicReference<>();
        Thread load = new Thread(() -> {
            try {
                for (int seed = 10; !enough.get(); seed++) {
                    stage.publish(10, seed);
                }
            } catch (Exception e) {
                failure.set(e);
            }
        });
        load.start();
        await().atMost(PATIENCE).until(() -> "v1".equals(app.servingVersion()));
        files.put("v2", stage.release("v2", 2, 2));
        await().atMost(PATIENCE).until(() -> "v2".equals(app.servingVersion()));
        stage.release(stage.releaseOf("v1", 1, ModelStatus.CHAMPION, files.get("v1"))); // rollback
        await().atMost(PATIENCE).until(() -> "v1".equals(app.servingVersion()));
        enough.set(true);
        load.join();

        assertThat(failure.get()).isNull();
        int published = (int) stage.registry
                .get("ingest.images")
                .tag("outcome", "published")
                .counter()
                .count();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stage.predictions()).hasSize(published));
        List<Prediction> predictions = stage.predictions();
        assertThat(predictions.stream().map(Prediction::getImageId)).doesNotHaveDuplicates();
        assertThat(stage.deadLetters()).isEmpty();
        Map<String, List<Prediction>> byVersion =
                predictions.stream().collect(Collectors.groupingBy(Prediction::getModelVersion));
        assertThat(byVersion.keySet()).containsExactlyInAnyOrder("v1", "v2");
        int told = 0;
        try (InferenceModel v1 = InferenceModel.open(files.get("v1"), Device.CPU, 1);
                InferenceModel v2 = InferenceModel.open(files.get("v2"), Device.CPU, 1)) {
            for (Prediction prediction : predictions) {
                boolean isFirst = prediction.getModelVersion().equals("v1");
                Mask found = InferenceAppIT.mask(prediction);
                assertThat(found)
                        .as(prediction.getImageId())
                        .isEqualTo(InferenceAppIT.run(isFirst ? v1 : v2, prediction)
                                .mask());
                assertThat(prediction.getModelRound()).isEqualTo(isFirst ? 1 : 2);
                told += found.equals(InferenceAppIT.run(isFirst ? v2 : v1, prediction)
                                .mask())
                        ? 0
                        : 1;
            }
        }
        assertThat(told).as("masks that tell the two models apart").isGreaterThan(predictions.size() / 2);
        assertThat(app.swaps().stream().map(SwapRecord::modelVersion)).containsExactly("v1", "v2", "v1");
        assertThat(app.swaps()).allMatch(swap -> !swap.servingAt().isBefore(swap.publishedAt()));
        assertThat(stage.registry.get("inference.swap.latency").timer().count()).isEqualTo(3);
    }

    @Test
    void keepsTheOldModel_whenReleasesAreBroken() throws Exception {
        stage.release("v1", 1, 1);
        InferenceApp app = stage.start();
        await().atMost(PATIENCE).until(() -> "v1".equals(app.servingVersion()));
        Path good = stage.model("good", 5);
        byte[] bytes = Files.readAllBytes(good);

        Path garbage = Files.write(dir.resolve("garbage.onnx"), new byte[] {1, 2, 3, 4, 5});
        stage.release(stage.releaseOf("garbage", 2, ModelStatus.CHAMPION, garbage));
        Path truncated = Files.write(dir.resolve("truncated.onnx"), Arrays.copyOf(bytes, bytes.length / 2));
        stage.release(stage.releaseOf("truncated", 2, ModelStatus.CHAMPION, truncated));
        String nowhere = "0".repeat(64);
        StoredArtefact known =
                stage.releaseOf("good", 2, ModelStatus.CHAMPION, good).getArtefact();
        releaseWith("missing", new StoredArtefact("sha256/" + nowhere, nowhere, known.getSizeBytes()));
        releaseWith("escaping", new StoredArtefact("../../etc/passwd", known.getSha256(), known.getSizeBytes()));
        releaseWith("size", new StoredArtefact(known.getReference(), known.getSha256(), 1L));
        Path others = stage.model("classes", 5, ClassList.of(List.of("road", "sky", "car", "tree")));
        stage.release(stage.releaseOf("classes", 2, ModelStatus.CHAMPION, others));
        Path changed = stage.model("changed", 6);
        ModelRelease tampered = stage.releaseOf("tampered", 2, ModelStatus.CHAMPION, changed);
        tamper(tampered);
        stage.release(tampered);
        stage.sendRaw(stage.topics.models().name(), new byte[] {1}, new byte[] {9, 9, 9});
        stage.release(stage.releaseOf("rejected", 2, ModelStatus.REJECTED, good));

        await().atMost(PATIENCE).until(() -> stage.deadLetters().size() == 8);
        Map<String, String> causes =
                stage.deadLetters().stream().collect(Collectors.toMap(letter -> version(letter), DeadLetter::getCause));
        assertThat(causes.keySet())
                .containsExactlyInAnyOrder(
                        "garbage", "truncated", "missing", "escaping", "size", "classes", "tampered", "?");
        assertThat(causes.get("missing")).contains("the content store has no");
        assertThat(causes.get("escaping")).contains("found ../../etc/passwd");
        assertThat(causes.get("size")).contains("the release says 1");
        assertThat(causes.get("classes")).contains("tree");
        assertThat(causes.get("tampered")).contains("did not give its artefact");
        assertThat(stage.deadLetters())
                .allMatch(
                        letter -> letter.getTopic().equals(stage.topics.models().name())
                                && letter.getStage().equals("inference"));
        stage.publish(10, 1);
        await().atMost(PATIENCE).until(() -> stage.predictions().size() == 10);
        assertThat(stage.predictions()).allMatch(p -> p.getModelVersion().equals("v1"));
        assertThat(app.isHealthy()).isTrue();
        assertThat(stage.registry.get("inference.releases.refused").counter().count())
                .isEqualTo(7);
    }

    @Test
    void keepsTheOldModel_whenItsTrialCrashesOrHangs() throws Exception {
        stage.release("v1", 1, 1);
        InferenceConfig config = stage.config("");
        InferenceConfig hasty = new InferenceConfig(
                config.line(),
                config.device(),
                config.form(),
                config.threads(),
                config.batchSize(),
                config.maxWait(),
                config.decodeThreads(),
                config.encodeThreads(),
                config.maxInFlight(),
                config.maxDecodedBytes(),
                config.maxImageBytes(),
                config.maxImagePixels(),
                config.commitInterval(),
                config.transactionTimeout(),
                Duration.ofSeconds(8),
                config.trialHeapMb(),
                config.group(),
                config.instance());
        InferenceApp app = stage.start(hasty, new ModelTrial(hasty, BrittleTrial.class.getName()));
        await().atMost(PATIENCE).until(() -> "v1".equals(app.servingVersion()));

        Path crashing = stage.model(BrittleTrial.CRASHES, 2);
        stage.release(stage.releaseOf(BrittleTrial.CRASHES, 2, ModelStatus.CHAMPION, crashing));
        Path hanging = stage.model(BrittleTrial.HANGS, 3);
        stage.release(stage.releaseOf(BrittleTrial.HANGS, 3, ModelStatus.CHAMPION, hanging));

        await().atMost(PATIENCE).until(() -> stage.deadLetters().size() == 2);
        Map<String, String> causes =
                stage.deadLetters().stream().collect(Collectors.toMap(letter -> version(letter), DeadLetter::getCause));
        assertThat(causes.get(BrittleTrial.CRASHES)).contains("crashed with exit code");
        assertThat(causes.get(BrittleTrial.HANGS)).contains("did not end within 8000 ms");
        assertThat(app.servingVersion()).isEqualTo("v1");
        assertThat(app.isHealthy()).isTrue();
    }

    @Test
    void servesTheInt8Form_whenAReleaseHasOneThatPassed() throws Exception {
        Path v1 = stage.model("v1", 1);
        stage.release(stage.releaseOf("v1", 1, ModelStatus.CHAMPION, v1));
        InferenceApp app = stage.start(InferenceStage.config(stage.topics, "", FormChoice.INT8));
        await().atMost(PATIENCE).until(() -> "v1".equals(app.servingVersion()));
        assertThat(app.servingForm()).isEqualTo("float32");
        assertThat(stage.registry.get("inference.form.fallback").gauge().value())
                .isEqualTo(1);

        Path v2 = stage.model("v2", 2);
        Path int8 = dir.resolve("v2.int8.onnx");
        ModelFile.write(
                int8,
                Int8Form.of(
                        ModelFile.read(v2),
                        ModelTrialMain.noise(4, InferenceStage.HEIGHT, InferenceStage.WIDTH),
                        Int8Form.Settings.usual()));
        StoredArtefact artefact =
                stage.releaseOf("v2", 2, ModelStatus.CHAMPION, int8).getArtefact();
        stage.release(ModelRelease.newBuilder(stage.releaseOf("v2", 2, ModelStatus.CHAMPION, v2))
                .setVariants(List.of(FormSelectionTest.variant("int8", artefact, true)))
                .build());
        await().atMost(PATIENCE).until(() -> "v2".equals(app.servingVersion()));
        assertThat(app.servingForm()).isEqualTo("int8");
        assertThat(stage.registry.get("inference.form.fallback").gauge().value())
                .isZero();
        stage.publish(6, 1);
        await().atMost(PATIENCE).until(() -> stage.predictions().size() == 6);
        try (InferenceModel model = InferenceModel.open(int8, Device.CPU, 1)) {
            assertThat(stage.predictions()).allSatisfy(prediction -> {
                assertThat(prediction.getModelVersion()).isEqualTo("v2");
                assertThat(prediction.getModelForm()).isEqualTo("int8");
                assertThat(InferenceAppIT.mask(prediction))
                        .isEqualTo(InferenceAppIT.run(model, prediction).mask());
            });
        }

        Path v3 = stage.model("v3", 3);
        StoredArtefact broken = new StoredArtefact(artefact.getReference(), artefact.getSha256(), 1L);
        stage.release(ModelRelease.newBuilder(stage.releaseOf("v3", 3, ModelStatus.CHAMPION, v3))
                .setVariants(List.of(FormSelectionTest.variant("int8", broken, true)))
                .build());
        await().atMost(PATIENCE).until(() -> "v3".equals(app.servingVersion()));
        assertThat(app.servingForm()).isEqualTo("float32");
        assertThat(stage.deadLetters()).isEmpty();
    }

    private void releaseWith(String version, StoredArtefact artefact) throws Exception {
        ModelRelease release = stage.releaseOf(version, 2, ModelStatus.CHAMPION, dir.resolve("good-5.onnx"));
        stage.release(ModelRelease.newBuilder(release).setArtefact(artefact).build());
    }

    private void tamper(ModelRelease release) throws Exception {
        Path stored = stage.store.localFile(release.getArtefact().getReference());
        byte[] bytes = Files.readAllBytes(stored);
        bytes[bytes.length / 2] ^= 1;
        assertThat(stored.toFile().setWritable(true)).isTrue();
        Files.write(stored, bytes);
    }

    private String version(DeadLetter letter) {
        try {
            byte[] value = new byte[letter.getValue().remaining()];
            letter.getValue().duplicate().get(value);
            return stage.topics
                    .models()
                    .value()
                    .deserializer()
                    .deserialize("x", value)
                    .getVersion();
        } catch (RuntimeException e) {
            return "?";
        }
    }
}
