package io.maskstream.labeling;

import static io.maskstream.labeling.LabelTasks.CLASSES;
import static io.maskstream.labeling.LabelTasks.prefill;
import static io.maskstream.labeling.LabelTasks.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.labeling.LabelingRig.Answer;
import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelEventKind;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelingAppIT {
    private static final int HEIGHT = 24;
    private static final int WIDTH = 32;

    @TempDir
    private static Path directory;

    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.temporary();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    private static LabelingRig rig(LabelingConfig config) throws Exception {
        LabelingRig rig = new LabelingRig(broker, directory, config);
        rig.release(CLASSES);
        return rig;
    }

    private static LabelTask small(String id, double priority) {
        return task(id, priority, HEIGHT, WIDTH);
    }

    private static String mask(int classId) {
        byte[] classes = new byte[HEIGHT * WIDTH];
        Arrays.fill(classes, (byte) classId);
        return base64(new Mask(HEIGHT, WIDTH, Bytes.wrap(classes)));
    }

    private static String base64(Mask mask) {
        return Base64.getEncoder().encodeToString(GreyPng.encode(mask));
    }

    @Test
    void takesAMaskFromClaimToAnnotation() throws Exception {
        try (LabelingRig rig = rig(LabelingConfig.defaults())) {
            rig.ask(List.of(small("low", 0.2), small("a/b ü", 0.9)));

            Answer next = rig.next("Ann Ü");
            assertThat(next.status()).isEqualTo(200);
            assertThat(next.text("taskId")).isEqualTo("a/b ü");
            assertThat(next.json().path("width").asInt()).isEqualTo(WIDTH);
            assertThat(next.text("leaseUntil")).isNotEmpty();

            HttpResponse<byte[]> image = rig.get("Ann Ü", "task/image", "a/b ü");
            assertThat(image.headers().firstValue("Content-Type")).hasValue("image/png");
            BufferedImage shown = ImageIO.read(new ByteArrayInputStream(image.body()));
            assertThat(shown.getWidth()).isEqualTo(WIDTH);
            String tag = image.headers().firstValue("ETag").orElseThrow();
            assertThat(rig.get("Ann Ü", "task/image", "a/b ü", "If-None-Match", tag)
                            .statusCode())
                    .isEqualTo(304);
            assertThat(GreyPng.mask(rig.get("Ann Ü", "task/mask", "a/b ü").body(), 10_000))
                    .isEqualTo(prefill(HEIGHT, WIDTH));
            assertThat(GreyPng.confidence(
                                    rig.get("Ann Ü", "task/confidence", "a/b ü").body(), 10_000)
                            .width())
                    .isEqualTo(WIDTH);

            Answer renewed = rig.post("Ann Ü", "task/renew", "a/b ü", Map.of());
            assertThat(renewed.status()).isEqualTo(200);
            assertThat(renewed.text("leaseUntil")).isGreaterThan(next.text("leaseUntil"));

            Map<String, Object> body = Map.of("requestId", "s-1", "mask", mask(2), "secondsSpent", 7.5, "strokes", 3);
            assertThat(rig.post("Ann Ü", "task/submit", "a/b ü", body).status()).isEqualTo(200);
            assertThat(rig.post("Ann Ü", "task/submit", "a/b ü", body).status())
                    .as("the same request again")
                    .isEqualTo(200);
            Answer another = rig.post("Bob", "task/submit", "a/b ü", Map.of("acceptAsIs", true));
            assertThat(another.status()).isEqualTo(409);
            assertThat(another.text("error")).isEqualTo("it already has its annotation");

            assertThat(rig.annotations(1)).singleElement().satisfies(annotation -> {
                assertThat(annotation.getTaskId()).isEqualTo("a/b ü");
                assertThat(annotation.getAnnotator()).isEqualTo("Ann Ü");
                assertThat(annotation.getSecondsSpent()).isEqualTo(7.5);
                assertThat(annotation.getStrokes()).isEqualTo(3);
                assertThat(annotation.getAcceptedAsIs()).isFalse();
                assertThat(GreyPng.mask(TaskFold.bytes(annotation.getMask()), 10_000)
                                .at(5, 5))
                        .isEqualTo(2);
            });
            assertThat(rig.json("Ann Ü", "status").path("submittedByYou").asInt())
                    .isEqualTo(1);
            assertThat(rig.json("Bob", "status").path("openForYou").asInt()).isEqualTo(1);
            assertThat(rig.json("Bob", "classes")
                            .path("classes")
                            .path(1)
                            .path("name")
                            .asText())
                    .isEqualTo("road");
        }
    }

    @Test
    void marksAcceptance_whenTheMaskIsThePrefilledOne() throws Exception {
        try (LabelingRig rig = rig(LabelingConfig.defaults())) {
            rig.ask(List.of(small("one", 0.2), small("two", 0.1)));
            rig.next("ann");
            rig.post("ann", "task/submit", "one", Map.of("acceptAsIs", true));
            rig.next("ann");
            rig.post("ann", "task/submit", "two", Map.of("mask", base64(prefill(HEIGHT, WIDTH))));
            assertThat(rig.annotations(2)).hasSize(2).allSatisfy(annotation -> assertThat(annotation.getAcceptedAsIs())
                    .isTrue());
        }
    }

    @Test
    void neverHandsOutATaskTwice_whenManyAskAtOnce() throws Exception {
        try (LabelingRig rig = rig(LabelingConfig.defaults())) {
            int count = 24;
            rig.ask(IntStream.range(0, count)
                    .mapToObj(i -> small("img-" + i, i))
                    .toList());
            Set<String> handedOut = ConcurrentHashMap.newKeySet();
            ExecutorService people = Executors.newFixedThreadPool(6);
            try {
                List<Future<Integer>> counts = new ArrayList<>();
                for (int person = 0; person < 6; person++) {
                    String who = "person-" + person;
                    counts.add(people.submit(() -> {
                        int got = 0;
                        for (Answer next = rig.next(who); next.status() == 200; next = rig.next(who)) {
                            assertThat(handedOut.add(next.text("taskId"))).isTrue();
                            got++;
                        }
                        return got;
                    }));
                }
                int sum = 0;
                for (Future<Integer> got : counts) {
                    sum += got.get();
                }
                assertThat(sum).isEqualTo(count);
            } finally {
                people.shutdownNow();
            }
            assertThat(rig.json("person-0", "status").path("claimed").asInt()).isEqualTo(count);
        }
    }

    @Test
    void returnsTheTask_whenTheLeaseRunsOut() throws Exception {
        LabelingConfig brief = LabelingConfig.defaults().withLease(Duration.ofSeconds(1), Duration.ofMillis(50));
        try (LabelingRig rig = rig(brief)) {
            rig.ask(List.of(small("img", 0.5)));
            assertThat(rig.next("ann").status()).isEqualTo(200);
            assertThat(rig.next("bob").status()).isEqualTo(204);
            Awaitility.await()
                    .atMost(LabelingRig.PATIENCE)
                    .until(() -> rig.json("bob", "status").path("open").asInt() == 1);
            assertThat(rig.post("ann", "task/renew", "img", Map.of()).text("error"))
                    .isEqualTo("your lease ran out");
            assertThat(rig.post("ann", "task/submit", "img", Map.of("mask", mask(1)))
                            .status())
                    .as("late, but nobody else took it")
                    .isEqualTo(200);
            assertThat(rig.all(rig.topics.labelEvents(), 3))
                    .extracting(LabelEvent::getKind)
                    .contains(LabelEventKind.RETURNED);
            assertThat(rig.annotations(1)).hasSize(1);
        }
    }

    @Test
    void goesToOthers_whenSkippedOrReleased() throws Exception {
        try (LabelingRig rig = rig(LabelingConfig.defaults())) {
            rig.ask(List.of(small("img", 0.5)));
            rig.next("ann");
            assertThat(rig.post("ann", "task/skip", "img", Map.of("note", "too dark"))
                            .status())
                    .isEqualTo(200);
            assertThat(rig.next("ann").status()).isEqualTo(204);
            assertThat(rig.next("bob").text("taskId")).isEqualTo("img");
            assertThat(rig.post("bob", "task/release", "img", Map.of()).status())
                    .isEqualTo(200);
            assertThat(rig.next("bob").text("taskId")).isEqualTo("img");
            assertThat(rig.post("bob", "task/reject", "img", Map.of("note", "black"))
                            .status())
                    .isEqualTo(200);
            assertThat(rig.next("cat").status()).isEqualTo(204);
            assertThat(rig.post("bob", "task/submit", "img", Map.of("acceptAsIs", true))
                            .status())
                    .isEqualTo(409);
        }
    }

    @Test
    void saysWhatToDo_whenARequestIsWrong() throws Exception {
        try (LabelingRig rig = rig(LabelingConfig.defaults())) {
            rig.ask(List.of(small("img", 0.5)));
            rig.next("ann");
            String turned =
                    base64(new Mask(/* height= */ WIDTH, /* width= */ HEIGHT, Bytes.wrap(new byte[HEIGHT * WIDTH])));
            wrong(rig.post("ann", "task/submit", "img", Map.of("mask", turned)), 422, "24x32 px, the image 32x24");
            wrong(rig.post("ann", "task/submit", "img", Map.of("mask", mask(7))), 422, "class 7");
            wrong(rig.post("ann", "task/submit", "img", Map.of("mask", "bm8=")), 422, "PNG");
            wrong(rig.post("ann", "task/submit", "img", Map.of("mask", "%")), 400, "base64");
            wrong(rig.post("ann", "task/submit", "img", Map.of()), 400, "needs a mask or acceptAsIs");
            wrong(rig.post("ann", "task/submit", "img", Map.of("acceptAsIs", true, "strokes", -1)), 400, "negative");
            wrong(rig.post("ann", "task/submit", "img", Map.of("colour", 1)), 400, "colour");
            wrong(rig.post("ann", "task/submit", "other", Map.of("acceptAsIs", true)), 409, "no such task");
            wrong(rig.post("ann", "task/renew", "", Map.of()), 400, "names no task");
            wrong(rig.post("", "next", "", Map.of()), 400, "nobody said who is asking");
            wrong(rig.post("label-desk", "next", "", Map.of()), 400, "name cannot be used");
            assertThat(rig.get("ann", "task/image", "other").statusCode()).isEqualTo(404);
            assertThat(rig.all(rig.topics.labelEvents(), 1)).hasSize(1);
        }
    }

    private static void wrong(Answer answer, int status, String error) {
        assertThat(answer.text("error")).contains(error);
        assertThat(answer.text("remedy")).isNotEmpty();
        assertThat(answer.status()).isEqualTo(status);
    }

    @Test
    void convertsToPng_whenBrowsersDoNotShowTheFormat() throws Exception {
        try (LabelingRig rig = rig(LabelingConfig.defaults())) {
            BufferedImage grey = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_USHORT_GRAY);
            grey.getRaster().setSample(3, 2, 0, 65_535);
            ByteArrayOutputStream deep = new ByteArrayOutputStream();
            ImageIO.write(grey, "png", deep);
            LabelTask shallow = small("deep", 0.5);
            ImageContent content = ImageContent.newBuilder(shallow.getContent())
                    .setBytes(ByteBuffer.wrap(deep.toByteArray()))
                    .build();
            rig.ask(List.of(LabelTask.newBuilder(shallow).setContent(content).build()));
            byte[] shown = rig.get("ann", "task/image", "deep").body();
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(shown));
            assertThat(image.getColorModel().getComponentSize(0)).isEqualTo(8);
            assertThat(image.getRGB(3, 2) & 0xffffff).isEqualTo(0xffffff);
            assertThat(image.getRGB(4, 2) & 0xffffff).isZero();
        }
    }

    @Test
    void remembersEverything_whenRestartedWithoutItsState() throws Exception {
        String prefix = "restart.";
        try (LabelingRig rig =
                new LabelingRig(broker, directory.resolve("before"), LabelingConfig.defaults(), prefix)) {
            rig.release(CLASSES);
            rig.ask(List.of(small("done", 0.9), small("held", 0.8), small("open", 0.7)));
            rig.next("ann");
            rig.post("ann", "task/submit", "done", Map.of("mask", mask(1)));
            assertThat(rig.next("ann").text("taskId")).isEqualTo("held");
            rig.annotations(1);
        }
        try (LabelingRig rig = new LabelingRig(broker, directory.resolve("after"), LabelingConfig.defaults(), prefix)) {
            Awaitility.await().atMost(LabelingRig.PATIENCE).untilAsserted(() -> assertThat(
                            rig.json("ann", "status").path("submittedByYou").asInt())
                    .isEqualTo(1));
            assertThat(rig.app.desk().classes()).isEqualTo(CLASSES);
            assertThat(rig.post("ann", "next", "", Map.of("resume", true)).text("taskId"))
                    .isEqualTo("held");
            assertThat(rig.next("bob").text("taskId")).isEqualTo("open");
            assertThat(rig.next("bob").status()).isEqualTo(204);
            rig.post("ann", "task/submit", "held", Map.of("mask", mask(1)));
            rig.post("bob", "task/submit", "open", Map.of("mask", mask(1)));
            assertThat(rig.annotations(3))
                    .extracting(Annotation::getTaskId)
                    .containsExactlyInAnyOrder("done", "held", "open");
        }
    }

    @Test
    void answersFromGroundTruth_whenAnAutomaticAnnotatorWorks() throws Exception {
        try (LabelingRig rig = rig(LabelingConfig.defaults())) {
            rig.ask(IntStream.range(0, 30).mapToObj(i -> small("img-" + i, i)).toList());
            GroundTruth truth = (imageId, sha256) -> {
                int number = Integer.parseInt(imageId.substring("img-".length()));
                if (number == 3) {
                    return Optional.empty();
                }
                byte[] classes = new byte[number == 5 ? 1 : HEIGHT * WIDTH];
                Arrays.fill(classes, (byte) (number % 4));
                return Optional.of(new Mask(number == 5 ? 1 : HEIGHT, number == 5 ? 1 : WIDTH, Bytes.wrap(classes)));
            };
            AutomaticAnnotator.Settings settings =
                    new AutomaticAnnotator.Settings("machine", null, Duration.ofMillis(1), 2);
            try (AutomaticAnnotator annotator = new AutomaticAnnotator(rig.server.url(), settings, truth)) {
                annotator.start();
                Awaitility.await()
                        .atMost(LabelingRig.PATIENCE)
                        .until(() -> annotator.report().submitted() == 28
                                && annotator.report().skipped() == 2);
                assertThat(annotator.isHealthy()).isTrue();
            }
            List<Annotation> annotations = rig.annotations(28);
            assertThat(annotations).hasSize(28).allSatisfy(annotation -> {
                int number = Integer.parseInt(annotation.getImageId().substring("img-".length()));
                assertThat(GreyPng.mask(TaskFold.bytes(annotation.getMask()), 10_000)
                                .at(1, 1))
                        .isEqualTo(number % 4);
                assertThat(annotation.getAnnotator()).isEqualTo("machine");
            });
            assertThat(rig.registry.counter(LabelingMetrics.SUBMITTED).count()).isEqualTo(28);
            assertThat(rig.json("someone", "status").path("open").asInt()).isEqualTo(2);
        }
    }
}
