package io.maskstream.routing;

import static io.maskstream.routing.RoutingExamples.NOON;
import static io.maskstream.routing.RoutingExamples.annotation;
import static io.maskstream.routing.RoutingExamples.policy;
import static io.maskstream.routing.RoutingExamples.prediction;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.ReviewState;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.Split;
import io.maskstream.schemas.event.TrainingSample;
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
import java.util.ArrayList;
import java.util.List;
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

class RoutingTopologyTest {
    private final Topics topics = new Topics("t.");
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @TempDir
    Path state;

    private TopologyTestDriver driver;
    private TestInputTopic<String, Prediction> predictions;
    private TestInputTopic<String, Annotation> annotations;
    private TestInputTopic<String, RoutingPolicy> policies;
    private TestOutputTopic<String, Decision> decisions;
    private TestOutputTopic<String, LabelTask> tasks;
    private TestOutputTopic<String, TrainingSample> samples;
    private TestOutputTopic<String, DeadLetter> deadLetters;

    @BeforeEach
    void setUp() {
        start(policy().build());
    }

    private void start(RoutingPolicy initial) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "routing-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        driver = new TopologyTestDriver(topology(initial), properties, NOON);
        predictions = in(topics.predictions());
        annotations = in(topics.annotations());
        policies = in(topics.policies());
        decisions = out(topics.decisions());
        tasks = out(topics.labelTasks());
        samples = out(topics.trainingSamples());
        deadLetters = out(topics.deadLetters());
    }

    private Topology topology(RoutingPolicy initial) {
        return RoutingTopology.build(
                topics, 1, RoutingExamples.config(initial), new RoutingMetrics(registry), Clock.systemUTC());
    }

    private <V> TestInputTopic<String, V> in(Topic<String, V> topic) {
        return driver.createInputTopic(
                topic.name(), topic.key().serializer(), topic.value().serializer(), NOON, Duration.ofSeconds(1));
    }

    private <V> TestOutputTopic<String, V> out(Topic<String, V> topic) {
        return driver.createOutputTopic(
                topic.name(), topic.key().deserializer(), topic.value().deserializer());
    }

    private void predict(String id, double score) {
        predictions.pipeInput(id, prediction(id, score));
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    @AfterEach
    void tearDown() {
        driver.close();
    }

    @Test
    void keepsItsShape() throws IOException {
        try (InputStream pinned = RoutingTopologyTest.class.getResourceAsStream("/topologies/routing.txt")) {
            assertThat(pinned).isNotNull();
            assertThat(topology(policy().build()).describe().toString())
                    .isEqualTo(new String(pinned.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void sendsAPseudoLabelToTraining_whenTheImageIsCertain() {
        predict("img-1", 0.1);
        Decision decision = decisions.readValue();
        assertThat(decision.getRoute()).isEqualTo(Route.LEARN);
        assertThat(decision.getScoreValue()).isEqualTo(0.1);
        assertThat(decision.getScores()).containsEntry("entropy", 0.05);
        assertThat(decision.getPolicyVersion()).isEqualTo("p1");
        assertThat(decision.getDecidedAt()).isEqualTo(NOON);
        TrainingSample sample = samples.readValue();
        assertThat(sample.getOrigin()).isEqualTo(Origin.PSEUDO);
        assertThat(sample.getReason()).isEqualTo(Reason.CONFIDENT);
        assertThat(sample.getMask()).isEqualTo(prediction("img-1", 0.1).getMask());
        assertThat(sample.getConfidence()).isEqualTo(prediction("img-1", 0.1).getConfidence());
        assertThat(sample.getContent().getBytes()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(tasks.isEmpty()).isTrue();
    }

    @Test
    void makesATaskWithThePrefilledMask_whenTheImageIsUncertain() {
        predict("img-1", 0.9);
        assertThat(decisions.readValue().getReason()).isEqualTo(Reason.UNCERTAIN);
        LabelTask task = tasks.readValue();
        assertThat(task.getTaskId()).isEqualTo("img-1");
        assertThat(task.getMask()).isEqualTo(prediction("img-1", 0.9).getMask());
        assertThat(task.getAttributes()).containsEntry("name", "img-1.png");
        assertThat(task.getModelVersion()).isEqualTo("v1");
        assertThat(samples.isEmpty()).isTrue();
    }

    @Test
    void decidesOnce_whenThePredictionComesTwice() {
        predict("img-1", 0.9);
        predictions.pipeInput("img-1", prediction("img-1", 0.1, "v2", 2));
        assertThat(decisions.readValuesToList()).hasSize(1);
        assertThat(tasks.readValuesToList()).hasSize(1);
        assertThat(samples.isEmpty()).isTrue();
        assertThat(deadLetters.isEmpty()).isTrue();
        assertThat(count(RoutingMetrics.DUPLICATES)).isEqualTo(1);
    }

    @Test
    void sendsThePersonsMaskToTraining_withImageAndSplitOfTheTask() {
        driver.close();
        start(policy().setEvaluationShare(1).build());
        predict("img-1", 0.5);
        assertThat(tasks.readValue().getSplit()).isEqualTo(Split.EVALUATION);
        Annotation drawn = annotation("img-1", 2); // says TRAIN, and is not believed
        annotations.pipeInput("img-1", drawn);
        TrainingSample sample = samples.readValue();
        assertThat(sample.getOrigin()).isEqualTo(Origin.HUMAN);
        assertThat(sample.getSplit()).isEqualTo(Split.EVALUATION);
        assertThat(sample.getReason()).isEqualTo(Reason.EVALUATION);
        assertThat(sample.getMask()).isEqualTo(drawn.getMask());
        assertThat(sample.getConfidence()).isNull();
        assertThat(sample.getAnnotator()).isEqualTo("ada");
        assertThat(sample.getContent().getBytes()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void samplesAnImageOnce_unlessItsMaskWasCorrected() {
        predict("img-1", 0.9);
        annotations.pipeInput("img-1", annotation("img-1", 2));
        annotations.pipeInput("img-1", annotation("img-1", 2));
        annotations.pipeInput(
                "img-1",
                Annotation.newBuilder(annotation("img-1", 2))
                        .setReview(ReviewState.ACCEPTED)
                        .build());
        assertThat(samples.readValuesToList()).hasSize(1);
        annotations.pipeInput("img-1", annotation("img-1", 3));
        assertThat(samples.readValue().getMask())
                .isEqualTo(annotation("img-1", 3).getMask());
        assertThat(count(RoutingMetrics.ANNOTATIONS, "outcome", "unchanged")).isEqualTo(2);
    }

    @Test
    void samplesNothing_whenAReviewerRejectedTheMask() {
        predict("img-1", 0.9);
        annotations.pipeInput(
                "img-1",
                Annotation.newBuilder(annotation("img-1", 2))
                        .setReview(ReviewState.REJECTED)
                        .build());
        assertThat(samples.isEmpty()).isTrue();
        assertThat(deadLetters.isEmpty()).isTrue();
        assertThat(count(RoutingMetrics.ANNOTATIONS, "outcome", "rejected")).isEqualTo(1);
    }

    @Test
    void refusesAnAnnotation_whenNobodyAskedForIt() {
        annotations.pipeInput("img-9", annotation("img-9", 2));
        assertThat(deadLetters.readValue().getCause()).contains("img-9").contains("seed");
        predict("img-9", 0.9);
        annotations.pipeInput("img-9", annotation("img-9", 2));
        assertThat(samples.readValuesToList()).hasSize(1);
    }

    @Test
    void refusesAMask_whenItIsNotOneOfTheImage() {
        predict("img-1", 0.9);
        ByteBuffer otherSize = RoutingExamples.grey(1, 3, 2);
        ByteBuffer noPng =
                ByteBuffer.wrap("not a picture, but long enough for a header".getBytes(StandardCharsets.UTF_8));
        ByteBuffer cutOff = ByteBuffer.wrap(new byte[] {(byte) 0x89, 'P', 'N', 'G'});
        for (ByteBuffer mask : List.of(otherSize, noPng, cutOff)) {
            annotations.pipeInput(
                    "img-1",
                    Annotation.newBuilder(annotation("img-1", 2)).setMask(mask).build());
        }
        List<DeadLetter> letters = deadLetters.readValuesToList();
        assertThat(letters).hasSize(3);
        assertThat(letters.get(0).getCause()).contains("3x2").contains("8x6");
        assertThat(letters.get(1).getCause()).contains("no PNG");
        assertThat(samples.isEmpty()).isTrue();
    }

    @Test
    void keepsTheBytesOfARecordThatIsNoEvent_andGoesOn() {
        byte[] rubbish = "rubbish".getBytes(StandardCharsets.UTF_8);
        byte[] key = "img-1".getBytes(StandardCharsets.UTF_8);
        driver.createInputTopic(topics.predictions().name(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(key, rubbish);
        driver.createInputTopic(topics.annotations().name(), new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(key, rubbish);
        List<DeadLetter> letters = deadLetters.readValuesToList();
        assertThat(letters).hasSize(2).allSatisfy(letter -> {
            assertThat(letter.getValue()).isEqualTo(ByteBuffer.wrap(rubbish));
            assertThat(letter.getKey()).isEqualTo(ByteBuffer.wrap(key));
            assertThat(letter.getStage()).isEqualTo("routing");
            assertThat(letter.getOffset()).isZero();
        });
        assertThat(letters).extracting(DeadLetter::getTopic).containsExactly("t.predictions", "t.annotations");
        predict("img-1", 0.1);
        assertThat(decisions.readValuesToList()).hasSize(1);
        assertThat(count(RoutingMetrics.DEAD_LETTERS)).isEqualTo(2);
    }

    @Test
    void refusesAPrediction_whenItsKeyOrScoreOrValueIsMissing() {
        predictions.pipeInput("img-2", prediction("img-1", 0.1));
        predictions.pipeInput("img-1", (Prediction) null);
        predictions.pipeInput("img-1", prediction("img-1", Double.NaN));
        assertThat(deadLetters.readValuesToList())
                .extracting(DeadLetter::getCause)
                .satisfiesExactly(
                        cause -> assertThat(cause).contains("img-2").contains("img-1"),
                        cause -> assertThat(cause).contains("no value"),
                        cause -> assertThat(cause).contains("NaN"));
        assertThat(decisions.isEmpty()).isTrue();
    }

    @Test
    void obeysTheNewestPolicy_whileRunning() {
        predict("img-1", 0.5);
        policies.pipeInput(
                "main",
                policy().setVersion("p2")
                        .setAskAtLeast(0.4)
                        .setBurst(1)
                        .setTasksPerHour(0)
                        .build());
        predict("img-2", 0.5);
        predict("img-3", 0.5);
        policies.pipeInput(
                "other line", policy().setVersion("p9").setLearnAtMost(0.6).build());
        predict("img-4", 0.5);
        policies.pipeInput("main", (RoutingPolicy) null);
        predict("img-5", 0.5);
        assertThat(decisions.readValuesToList())
                .extracting(Decision::getPolicyVersion, Decision::getReason)
                .containsExactly(
                        tuple("p1", Reason.UNDECIDED),
                        tuple("p2", Reason.UNCERTAIN),
                        tuple("p2", Reason.OVER_BUDGET),
                        tuple("p2", Reason.OVER_BUDGET),
                        tuple("p1", Reason.UNDECIDED));
    }

    @Test
    void keepsThePolicyBefore_whenTheNewOneIsUnsound() {
        policies.pipeInput("main", policy().setVersion("p2").setAskAtLeast(0.4).build());
        policies.pipeInput(
                "main",
                policy().setVersion("p3").setAuditShare(1.5).setBurst(-1).build());
        predict("img-1", 0.5);
        assertThat(decisions.readValue().getPolicyVersion()).isEqualTo("p2");
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        assertThat(deadLetters.readValuesToList()).singleElement().satisfies(letter -> {
            assertThat(letter.getTopic()).isEqualTo("t.policies");
            assertThat(letter.getCause()).contains("p3").contains("auditShare").contains("burst");
            assertThat(letter.getValue()).isNotNull();
        });
        assertThat(count(RoutingMetrics.POLICIES, "outcome", "refused")).isEqualTo(1);
    }

    @Test
    void decidesTheSameAgain_whenTheStreamIsReplayed() {
        RoutingPolicy drawing = policy().setAuditShare(0.2)
                .setRandomArmShare(0.1)
                .setEvaluationShare(0.1)
                .setBurst(5)
                .setTasksPerHour(60)
                .build();
        driver.close();
        start(drawing);
        List<Decision> first = stream();
        driver.close();
        state = state.resolveSibling("again");
        start(drawing);
        assertThat(stream()).isEqualTo(first);
        assertThat(first)
                .extracting(Decision::getReason)
                .contains(Reason.AUDIT, Reason.RANDOM_ARM, Reason.EVALUATION, Reason.OVER_BUDGET, Reason.CONFIDENT);
    }

    private List<Decision> stream() {
        List<Decision> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            predict("img-" + i, (i * 37 % 100) / 100.0);
            all.add(decisions.readValue());
        }
        return all;
    }
}
