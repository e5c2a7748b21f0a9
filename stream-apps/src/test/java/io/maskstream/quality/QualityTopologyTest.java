package io.maskstream.quality;

import static io.maskstream.quality.MaskComparisonTest.png;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.ImageContent;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.schemas.event.QualityEvent;
import io.maskstream.schemas.event.QualityReport;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.ReviewState;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QualityTopologyTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final ByteBuffer PREDICTED = png(2, 0, 1, 1, 0);

    private final Topics topics = new Topics("t.");
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @TempDir
    Path state;

    private TopologyTestDriver driver;
    private TestInputTopic<String, LabelTask> tasks;
    private TestInputTopic<String, Annotation> annotations;
    private TestInputTopic<String, ModelRelease> models;
    private TestOutputTopic<String, QualityEvent> quality;
    private TestOutputTopic<String, DeadLetter> deadLetters;

    @BeforeEach
    void setUp() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "quality-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        driver = new TopologyTestDriver(topology(), properties, NOON);
        tasks = in(topics.labelTasks());
        annotations = in(topics.annotations());
        models = in(topics.models());
        quality = driver.createOutputTopic(
                topics.quality().name(),
                topics.quality().key().deserializer(),
                topics.quality().value().deserializer());
        deadLetters = driver.createOutputTopic(
                topics.deadLetters().name(),
                topics.deadLetters().key().deserializer(),
                topics.deadLetters().value().deserializer());
    }

    private Topology topology() {
        Clock clock = Clock.fixed(NOON.plusSeconds(60), ZoneOffset.UTC);
        return QualityTopology.build(topics, QualityConfig.defaults(), new QualityMetrics(registry, clock));
    }

    private <V> TestInputTopic<String, V> in(Topic<String, V> topic) {
        return driver.createInputTopic(
                topic.name(), topic.key().serializer(), topic.value().serializer(), NOON, Duration.ofSeconds(1));
    }

    @AfterEach
    void tearDown() {
        driver.close();
    }

    private void task(String id, Reason reason, String version) {
        tasks.pipeInput(
                id,
                LabelTask.newBuilder()
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
                        .setReason(reason)
                        .setSplit(Split.TRAIN)
                        .setPriority(1)
                        .setModelVersion(version)
                        .setMask(PREDICTED)
                        .setConfidence(PREDICTED)
                        .setScores(Map.of())
                        .setInclusionProbability(0.1)
                        .setCreatedAt(NOON)
                        .build());
    }

    private void annotate(String id, Reason reason, ReviewState review, ByteBuffer drawn) {
        annotations.pipeInput(
                id,
                Annotation.newBuilder()
                        .setImageId(id)
                        .setTaskId(id)
                        .setMask(drawn)
                        .setAnnotator("ada")
                        .setReason(reason)
                        .setSplit(Split.TRAIN)
                        .setPrefillModelVersion("v1")
                        .setAcceptedAsIs(false)
                        .setSecondsSpent(1)
                        .setStrokes(1)
                        .setReview(review)
                        .setAnnotatedAt(NOON)
                        .build());
    }

    private void annotate(String id, Reason reason, ByteBuffer drawn) {
        annotate(id, reason, ReviewState.UNREVIEWED, drawn);
    }

    private void release(String version, int round, ModelStatus status) {
        models.pipeInput(
                "main/" + version,
                ModelRelease.newBuilder()
                        .setLine("main")
                        .setVersion(version)
                        .setRound(round)
                        .setStatus(status)
                        .setArtefact(new StoredArtefact("sha256/00", "00", 1L))
                        .setClasses(List.of("sky", "road"))
                        .setMethod("supervised")
                        .setTrainingOffsets(Map.of())
                        .setDataHash("00")
                        .setLabels(12)
                        .setUnlabelled(0)
                        .setTrainSeconds(1)
                        .setMetrics(ModelMetrics.newBuilder()
                                .setImages(10)
                                .setPixelAccuracy(0.9)
                                .setMeanAccuracy(0.8)
                                .setMiou(0.5 + round / 10.0)
                                .setMiouLow(0.4)
                                .setMiouHigh(0.7)
                                .setWeightedIou(0.8)
                                .setPerClassIou(Map.of())
                                .build())
                        .setTemperature(1)
                        .setReleasedAt(NOON)
                        .build());
    }

    private List<QualityReport> reports() {
        driver.advanceWallClockTime(Duration.ofSeconds(3));
        return quality.readValuesToList().stream()
                .map(event -> (QualityReport) event.getBody())
                .toList();
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    @Test
    void keepsItsShape() throws IOException {
        try (InputStream pinned = QualityTopologyTest.class.getResourceAsStream("/topologies/quality.txt")) {
            assertThat(pinned).isNotNull();
            assertThat(topology().describe().toString())
                    .isEqualTo(new String(pinned.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void reportsTheModelAgainstPeople_forImagesDrawnByChance() {
        release("v1", 1, ModelStatus.CHAMPION);
        task("img-1", Reason.EVALUATION, "v1");
        annotate("img-1", Reason.EVALUATION, png(2, 0, 1, 0, 0)); // one of the three sky pixels was taken for road
        assertThat(reports()).singleElement().satisfies(report -> {
            assertThat(report.getModelVersion()).isEqualTo("v1");
            assertThat(report.getArm()).isEqualTo(QualityArm.RANDOM);
            assertThat(report.getMetrics().getImages()).isEqualTo(1);
            assertThat(report.getMetrics().getPixelAccuracy()).isCloseTo(0.75, within(1e-12));
            assertThat(report.getMetrics().getMiou()).isCloseTo((2 / 3.0 + 1 / 2.0) / 2, within(1e-12));
            assertThat(report.getMetrics().getPerClassIou()).containsOnlyKeys("sky", "road");
        });
        assertThat(gauge(QualityMetrics.MIOU, "arm", "random")).isCloseTo(7 / 12.0, within(1e-12));
        assertThat(gauge(QualityMetrics.ROUND, "arm", "random")).isEqualTo(1);
        assertThat(reports()).isEmpty();
    }

    @Test
    void measuresThePseudoLabelError_onAuditedImages() {
        task("img-1", Reason.AUDIT, "v1");
        annotate("img-1", Reason.AUDIT, png(2, 0, 1, 0, 0));
        assertThat(reports()).singleElement().satisfies(report -> assertThat(report.getArm())
                .isEqualTo(QualityArm.AUDIT));
        assertThat(gauge(QualityMetrics.PSEUDO_LABEL_ERROR)).isCloseTo(0.25, within(1e-12));
        assertThat(gauge(QualityMetrics.MIOU, "arm", "random")).isNaN();
    }

    @Test
    void countsNothing_whenTheModelChoseTheImage() {
        task("img-1", Reason.UNCERTAIN, "v1");
        annotate("img-1", Reason.UNCERTAIN, png(2, 0, 1, 0, 0));
        assertThat(reports()).isEmpty();
        assertThat(registry.get(QualityMetrics.COMPARISONS)
                        .tag("outcome", "biased")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void measures_whenTheAnnotationIsReadBeforeItsTask() {
        annotate("img-1", Reason.RANDOM_ARM, PREDICTED);
        assertThat(reports()).isEmpty();
        task("img-1", Reason.RANDOM_ARM, "v1");
        assertThat(reports())
                .singleElement()
                .satisfies(report -> assertThat(report.getMetrics().getMiou()).isEqualTo(1));
    }

    @Test
    void replacesTheComparison_whenAReviewerCorrects_andTakesItBack_whenOneRejects() {
        task("img-1", Reason.COLD_START, "v0");
        task("img-2", Reason.COLD_START, "v0");
        annotate("img-1", Reason.COLD_START, png(2, 1, 0, 0, 1));
        annotate("img-2", Reason.COLD_START, PREDICTED);
        assertThat(reports().get(0).getMetrics().getPixelAccuracy()).isEqualTo(0.5);
        annotate("img-1", Reason.COLD_START, ReviewState.ACCEPTED, png(2, 0, 1, 1, 1));
        assertThat(reports().get(0).getMetrics().getPixelAccuracy()).isEqualTo(7 / 8.0);
        annotate("img-1", Reason.COLD_START, ReviewState.REJECTED, png(2, 0, 1, 1, 1));
        assertThat(reports().get(0).getMetrics())
                .extracting(ModelMetrics::getImages, ModelMetrics::getPixelAccuracy)
                .containsExactly(1, 1.0);
    }

    @Test
    void goesOnWithoutTheImage_whenAMaskOrARecordIsNotUsable() {
        release("v1", 1, ModelStatus.CHAMPION);
        task("img-1", Reason.EVALUATION, "v1");
        task("img-2", Reason.EVALUATION, "v1");
        annotate("img-1", Reason.EVALUATION, png(2, 0, 1, 0, 5));
        driver.createInputTopic(topics.annotations().name(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput("img-1".getBytes(StandardCharsets.UTF_8), new byte[] {1, 2});
        annotate("img-2", Reason.EVALUATION, PREDICTED);
        assertThat(deadLetters.readValuesToList())
                .hasSize(2)
                .allSatisfy(letter -> assertThat(letter.getStage()).isEqualTo("quality"))
                .first()
                .satisfies(letter -> assertThat(letter.getCause()).contains("class 5"));
        assertThat(reports())
                .singleElement()
                .satisfies(report -> assertThat(report.getMetrics().getImages()).isEqualTo(1));
    }

    @Test
    void showsTheServedRelease_evenAfterARejectedOneAndARollback() {
        release("v0", 0, ModelStatus.STARTING);
        release("v1", 1, ModelStatus.CHAMPION);
        release("v2", 2, ModelStatus.REJECTED);
        reports();
        assertThat(gauge(QualityMetrics.RELEASE_ROUND)).isEqualTo(1);
        assertThat(gauge(QualityMetrics.RELEASE_MIOU)).isCloseTo(0.6, within(1e-12));
        assertThat(gauge(QualityMetrics.RELEASE_AGE)).isEqualTo(60);
        release("v0", 0, ModelStatus.CHAMPION);
        reports();
        assertThat(gauge(QualityMetrics.RELEASE_ROUND)).isZero();
    }

    @Test
    void showsTheNewestRound_whenAnOlderVersionIsStillMeasured() {
        release("v1", 1, ModelStatus.CHAMPION);
        release("v2", 2, ModelStatus.CHAMPION);
        task("img-1", Reason.EVALUATION, "v1");
        task("img-2", Reason.EVALUATION, "v2");
        annotate("img-2", Reason.EVALUATION, PREDICTED);
        assertThat(reports()).hasSize(1);
        annotate("img-1", Reason.EVALUATION, png(2, 1, 0, 0, 1));
        assertThat(reports()).extracting(QualityReport::getModelVersion).containsExactly("v1");
        assertThat(gauge(QualityMetrics.ROUND, "arm", "random")).isEqualTo(2);
        assertThat(gauge(QualityMetrics.MIOU, "arm", "random")).isEqualTo(1);
    }
}
