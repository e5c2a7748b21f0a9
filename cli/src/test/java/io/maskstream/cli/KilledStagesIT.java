package io.maskstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.cli.loop.LoopFolders;
import io.maskstream.cli.loop.LoopLedger;
import io.maskstream.cli.loop.SceneFeed;
import io.maskstream.ingest.PublishListener;
import io.maskstream.ingest.Publisher;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.schemas.topic.TopicCreation;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.service.Settings;
import io.maskstream.trainer.release.ModelRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inference and routing as processes of the command line, killed while they work: every image is counted once. */
class KilledStagesIT {
    private static final int IMAGES = 240;
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int SIDE = 64;
    private static final double PER_SECOND = 20;

    private final List<Process> children = new ArrayList<>();

    @TempDir
    private Path directory;

    @AfterEach
    void killWhatIsLeft() {
        children.forEach(Process::destroyForcibly);
    }

    @Test
    void countsEveryImageOnce_whenInferenceAndRoutingAreKilledUnderLoad() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("kafka"), 0)) {
            Map<String, String> flags = new LinkedHashMap<>(LoopFolders.under(directory));
            flags.put("kafka.bootstrap.servers", broker.bootstrapServers());
            flags.put("topics.partitions", "2");
            flags.put("http.port", "0");
            flags.put("inference.threads", "1");
            flags.put("inference.batch-size", "2");
            flags.put("inference.transaction-timeout", "5s");
            flags.put("routing.learn-at-most", "0.5");
            LoopSettings settings = LoopSettings.bind(Settings.of(flags));
            try (Admin admin = Admin.create(settings.connection().with(Map.of()))) {
                TopicCreation.create(admin, settings.catalogue().all());
            }
            releaseChampion(settings);
            try (LoopLedger ledger = new LoopLedger(settings.connection(), settings.catalogue())) {
                Process inference = start("infer", flags);
                Process routing = start("route", flags);
                CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> publish(settings));

                await().atMost(PATIENCE).until(() -> ledger.totals().predicted() >= IMAGES / 6);
                inference.destroyForcibly().waitFor();
                Process second = start("infer", flags);

                await().atMost(PATIENCE).until(() -> ledger.totals().decided() >= IMAGES / 3);
                routing.destroyForcibly().waitFor();
                start("route", flags);

                await().atMost(PATIENCE).until(() -> ledger.totals().predicted() >= IMAGES * 2 / 3);
                second.destroyForcibly().waitFor();
                start("infer", flags);

                await().atMost(PATIENCE).untilAsserted(() -> {
                    LoopLedger.Totals totals = ledger.totals();
                    assertThat(totals.decided()).isEqualTo(IMAGES);
                    assertThat(totals.lost()).isZero();
                });
                publishing.join();
                LoopLedger.Totals totals = ledger.totals();
                assertThat(totals.published()).isEqualTo(IMAGES);
                assertThat(totals.predicted()).isEqualTo(IMAGES);
                assertThat(totals.duplicated()).isZero();
                assertThat(totals.deadLettered()).isZero();
                assertThat(totals.training()).isPositive();
                assertThat((long) totals.trainingSamples()).isEqualTo(totals.training());
            }
        }
    }

    private static void releaseChampion(LoopSettings settings) throws IOException {
        ModelMetadata metadata = ModelMetadata.starting(
                        "main", "champion", StreetScenes.classes(), ModelInput.fixed(SIDE, SIDE))
                .learned("champion", 1, "supervised", "", Map.of());
        Path file = Files.createTempFile("champion", ".onnx");
        ModelFile.write(
                file,
                metadata.writeTo(PseudoLabelHead.attach(
                        StartingModels.named("unet").build(StreetScenes.classes(), SIDE, SIDE, 3))));
        String key = settings.contentStore().put(file);
        ModelRelease release = ModelRelease.newBuilder()
                .setLine("main")
                .setVersion("champion")
                .setRound(1)
                .setStatus(ModelStatus.CHAMPION)
                .setArtefact(new StoredArtefact(key, key.substring(key.indexOf('/') + 1), Files.size(file)))
                .setClasses(StreetScenes.classes().names())
                .setMethod("supervised")
                .setTrainingOffsets(Map.of())
                .setDataHash("")
                .setLabels(0)
                .setUnlabelled(0)
                .setTrainSeconds(0)
                .setTemperature(1)
                .setReleasedAt(Instant.now())
                .build();
        Files.delete(file);
        try (ModelRegistry registry = new ModelRegistry(settings.connection(), settings.catalogue())) {
            registry.publish(release);
        }
    }

    private static void publish(LoopSettings settings) {
        SceneFeed feed = new SceneFeed(new StreetScenes(5, SIDE, SIDE), IMAGES);
        try (Publisher publisher = new Publisher(
                settings.ingest(),
                settings.connection(),
                settings.catalogue(),
                settings.contentStore(),
                new SimpleMeterRegistry())) {
            assertThat(publisher
                            .publish(
                                    IntStream.range(0, IMAGES)
                                            .mapToObj(feed::image)
                                            .iterator(),
                                    IMAGES,
                                    PER_SECOND,
                                    PublishListener.NONE)
                            .published())
                    .isEqualTo(IMAGES);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Process start(String command, Map<String, String> flags) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.add("-Xmx512m");
        line.add(Maskstream.class.getName());
        line.add(command);
        flags.forEach((key, value) -> {
            line.add("--set");
            line.add(key + "=" + value);
        });
        try {
            ProcessBuilder builder = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(directory
                            .resolve(command + "-" + children.size() + ".log")
                            .toFile());
            builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
            Process child = builder.start();
            children.add(child);
            assertThat(child.waitFor(300, TimeUnit.MILLISECONDS))
                    .as("%s ended at once", command)
                    .isFalse();
            return child;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
