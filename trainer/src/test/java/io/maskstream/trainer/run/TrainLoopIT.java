package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.store.FileContentStore;
import io.maskstream.trainer.release.ModelRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainLoopIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static EmbeddedBroker broker;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.temporary();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void releasesAChampion_whenSeedsCome_andGoesOnFromThere() throws IOException {
        LoopFixture stream = new LoopFixture(broker.bootstrapServers(), "seeds.");
        FileContentStore store = new FileContentStore(folder.resolve("store"));
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        TrainLoopConfig config = LoopFixture.config(folder.resolve("cache"), "supervised", 40, ModelForm.INT8);
        try (TrainLoop loop = new TrainLoop(config, stream.connection, stream.topics, store, meters)) {
            loop.start();
            assertThat(stream.releases()).singleElement().satisfies(start -> {
                assertThat(start.getStatus()).isEqualTo(ModelStatus.STARTING);
                assertThat(start.getMetrics()).isNull();
            });

            stream.send(samples(1000, 6, Split.EVALUATION));
            stream.sendGarbage("broken");
            stream.send(List.of(withUnknownClass(LoopFixture.sample(1, Origin.HUMAN, Split.TRAIN))));
            stream.send(samples(2, 12, Split.TRAIN));
            ModelRelease first = awaitRound(stream, 1);

            assertThat(first.getStatus()).isEqualTo(ModelStatus.CHAMPION);
            assertThat(first.getVersion()).matches("street-r0001-[0-9a-f]{8}");
            assertThat(first.getLabels()).isEqualTo(12);
            assertThat(first.getMetrics().getImages()).isEqualTo(6);
            assertThat(first.getGate().getPassed()).isTrue();
            assertThat(first.getParent()).isEqualTo("street-r0000-start");
            assertThat(store.contains(first.getArtefact().getReference())).isTrue();
            assertThat(first.getVariants()).singleElement().satisfies(int8 -> {
                assertThat(int8.getForm()).isEqualTo("int8");
                assertThat(store.contains(int8.getArtefact().getReference())).isTrue();
                assertThat(int8.getParity().getImages()).isEqualTo(6);
                assertThat(int8.getParity().getSameClass()).isGreaterThan(0.7);
                assertThat(int8.getMetrics().getMiou()).isPositive();
                assertThat(int8.getGate().getAgainst()).isEqualTo(first.getVersion() + " in float32");
            });
            ModelRelease start = stream.releases().get(0);
            assertThat(start.getStatus()).isEqualTo(ModelStatus.STARTING);
            assertThat(start.getMetrics().getMiou())
                    .isLessThan(first.getMetrics().getMiou());
            assertThat(stream.records(stream.topics.deadLetters()))
                    .extracting(DeadLetter::getCause)
                    .hasSize(2)
                    .anySatisfy(cause -> assertThat(cause).contains("has class 200"));

            loop.requestRound();
            ModelRelease second = awaitRound(stream, 2);
            assertThat(second.getParent()).isEqualTo(first.getVersion());
            assertThat(second.getGate().getAgainst()).isEqualTo(first.getVersion());
            assertThat(loop.isHealthy()).isTrue();
            assertThat(meters.get(TrainerMetrics.SAMPLES)
                            .tags(TrainerMetrics.ORIGIN, "human", TrainerMetrics.SPLIT, "train")
                            .gauge()
                            .value())
                    .isEqualTo(12);
            assertThat(meters.get(TrainerMetrics.DEAD_LETTERS).counter().count())
                    .isEqualTo(2);
        }
        try (TrainLoop again =
                new TrainLoop(config, stream.connection, stream.topics, store, new SimpleMeterRegistry())) {
            again.start();
            stream.send(samples(40, 8, Split.TRAIN));
            awaitRound(stream, 3); // the samples of before are known and start no round of their own

            assertThat(stream.releases()).hasSize(4);
            assertThat(stream.records(stream.topics.deadLetters())).hasSize(2);
        }
        String serving = ModelRegistry.serving(stream.releases()).orElseThrow().getVersion();
        try (Stream<Path> memories = Files.list(folder.resolve("cache/street/memories"))) {
            assertThat(memories.map(file -> file.getFileName().toString()))
                    .as("what the next round goes on from")
                    .containsExactly(serving + ".memory");
        }
    }

    @Test
    void learnsFromPseudoLabelledImages_whenTheMethodTakesThem() throws IOException {
        LoopFixture stream = new LoopFixture(broker.bootstrapServers(), "pseudo.");
        FileContentStore store = new FileContentStore(folder.resolve("store"));
        stream.send(samples(1000, 6, Split.EVALUATION));
        List<TrainingSample> pseudo = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pseudo.add(LoopFixture.sample(200 + i, Origin.PSEUDO, Split.TRAIN));
        }
        stream.send(pseudo);
        stream.send(samples(2, 8, Split.TRAIN));
        TrainLoopConfig config = LoopFixture.config(folder.resolve("cache"), "fixmatch", 8);
        try (TrainLoop loop =
                new TrainLoop(config, stream.connection, stream.topics, store, new SimpleMeterRegistry())) {
            loop.start();
            ModelRelease first = awaitRound(stream, 1);

            assertThat(first.getLabels()).isEqualTo(8);
            assertThat(first.getUnlabelled()).isEqualTo(10);
            assertThat(first.getMethod()).isEqualTo("fixmatch");
        }
    }

    @Test
    void givesTheSameModelOnce_whenItIsKilledInTheRound() throws Exception {
        LoopFixture undisturbed = new LoopFixture(broker.bootstrapServers(), "undisturbed.");
        LoopFixture killed = new LoopFixture(broker.bootstrapServers(), "killed.");
        for (LoopFixture stream : List.of(undisturbed, killed)) {
            stream.send(samples(1000, 6, Split.EVALUATION));
            stream.send(samples(2, 8, Split.TRAIN));
        }
        Process whole = process("undisturbed.");
        try {
            awaitRound(undisturbed, 1);
        } finally {
            whole.destroyForcibly().waitFor();
        }
        Path checkpoint = folder.resolve("killed.cache/street/round.checkpoint");
        Process first = process("killed.");
        try {
            await().atMost(LONG).pollInterval(Duration.ofMillis(5)).until(() -> Files.exists(checkpoint));
        } finally {
            first.destroyForcibly().waitFor();
        }
        assertThat(killed.releases()).noneMatch(release -> release.getRound() == 1);

        // more samples come before it is back; the round goes on with those it was planned with
        killed.send(samples(60, 4, Split.TRAIN));
        Process second = process("killed.");
        try {
            ModelRelease resumed = awaitRound(killed, 1);
            ModelRelease reference = undisturbed.releases().get(1);
            assertThat(resumed.getVersion()).isEqualTo(reference.getVersion());
            assertThat(resumed.getArtefact().getSha256())
                    .isEqualTo(reference.getArtefact().getSha256());
            assertThat(killed.records(killed.topics.models()))
                    .filteredOn(release -> release.getVersion().equals(resumed.getVersion()))
                    .hasSize(1);
        } finally {
            second.destroyForcibly().waitFor();
        }
    }

    @Test
    void promotesAndRollsBack_whenAnOperatorSaysSo() throws IOException {
        LoopFixture stream = new LoopFixture(broker.bootstrapServers(), "registry.");
        FileContentStore store = new FileContentStore(folder.resolve("store"));
        TrainLoopConfig config = LoopFixture.config(folder.resolve("cache"), "supervised", 8);
        try (TrainLoop loop =
                new TrainLoop(config, stream.connection, stream.topics, store, new SimpleMeterRegistry())) {
            loop.start();
        }
        ModelRelease start = stream.releases().get(0);
        ModelRelease rejected = ModelRelease.newBuilder(start)
                .setVersion("street-r0001-0badcafe")
                .setRound(1)
                .setStatus(ModelStatus.REJECTED)
                .build();
        try (ModelRegistry registry = new ModelRegistry(stream.connection, stream.topics)) {
            registry.publish(rejected);
            assertThat(registry.serving("street").map(ModelRelease::getVersion)).contains(start.getVersion());

            registry.promote("street", rejected.getVersion());
            assertThat(registry.serving("street").map(ModelRelease::getVersion)).contains(rejected.getVersion());

            registry.rollback("street");
            assertThat(registry.serving("street").map(ModelRelease::getVersion)).contains(start.getVersion());
            assertThat(registry.show("street", rejected.getVersion()).getStatus())
                    .isEqualTo(ModelStatus.RETIRED);
            assertThat(registry.list("street")).hasSize(2);
            assertThat(registry.lines()).containsExactly("street");
        }
    }

    private Process process(String prefix) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                TrainLoopProcess.class.getName(),
                broker.bootstrapServers(),
                prefix,
                folder.toString());
        builder.environment()
                .put(
                        "CLASSPATH",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        builder.redirectErrorStream(true);
        builder.redirectOutput(new File(folder.toFile(), prefix + "log"));
        return builder.start();
    }

    private static ModelRelease awaitRound(LoopFixture stream, int round) {
        return await().atMost(LONG)
                .pollInterval(Duration.ofMillis(300))
                .until(
                        () -> stream.releases().stream()
                                .filter(release -> release.getRound() == round)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static List<TrainingSample> samples(int from, int count, Split split) {
        List<TrainingSample> samples = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            samples.add(LoopFixture.sample(i, Origin.HUMAN, split));
        }
        return samples;
    }

    private static TrainingSample withUnknownClass(TrainingSample sample) {
        byte[] classes = new byte[LoopFixture.HEIGHT * LoopFixture.WIDTH];
        classes[5] = (byte) 200;
        Mask mask = new Mask(LoopFixture.HEIGHT, LoopFixture.WIDTH, Bytes.wrap(classes));
        return TrainingSample.newBuilder(sample)
                .setMask(ByteBuffer.wrap(GreyPng.encode(mask)))
                .build();
    }
}
