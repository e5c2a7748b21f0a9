package io.maskstream.labeling;

import static io.maskstream.labeling.LabelTasks.CLASSES;
import static io.maskstream.labeling.LabelTasks.event;
import static io.maskstream.labeling.LabelTasks.release;
import static io.maskstream.labeling.LabelTasks.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.labeling.task.TaskCommand;
import io.maskstream.labeling.task.TaskState;
import io.maskstream.labeling.task.TaskState.Claimed;
import io.maskstream.labeling.task.TaskState.Ended;
import io.maskstream.labeling.task.TaskState.Open;
import io.maskstream.labeling.task.TaskState.Submitted;
import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelEventKind;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.ReviewState;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelingTopologyTest {
    private static final Instant NOW = LabelTasks.CREATED.plusSeconds(60);

    @TempDir
    private Path stateDir;

    private final Topics topics = new Topics("t.");
    private final TaskBoard board = new TaskBoard();
    private final LabelClasses classes = new LabelClasses("main", List.of());
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final SettableClock clock = new SettableClock();
    private TopologyTestDriver driver;
    private TestInputTopic<String, LabelTask> tasks;
    private TestInputTopic<String, LabelEvent> events;
    private TestInputTopic<String, byte[]> rawEvents;
    private TestOutputTopic<String, Annotation> annotations;
    private TestOutputTopic<String, LabelEvent> eventsOut;
    private TestOutputTopic<String, DeadLetter> deadLetters;

    private static final class SettableClock extends Clock {
        private Instant now = NOW;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @BeforeEach
    void open() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "labeling-test");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        LabelingConfig config = LabelingConfig.defaults();
        driver = new TopologyTestDriver(
                LabelingTopology.build(topics, config, board, classes, new LabelingMetrics(registry), clock),
                properties,
                NOW);
        tasks = input(topics.labelTasks());
        events = input(topics.labelEvents());
        rawEvents =
                driver.createInputTopic(topics.labelEvents().name(), new StringSerializer(), new ByteArraySerializer());
        annotations = output(topics.annotations());
        eventsOut = output(topics.labelEvents());
        deadLetters = output(topics.deadLetters());
        input(topics.models()).pipeInput("main/v1", release("v1", ModelStatus.STARTING, CLASSES, NOW));
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private <V> TestInputTopic<String, V> input(Topic<String, V> topic) {
        return driver.createInputTopic(
                topic.name(), new StringSerializer(), topic.value().serializer());
    }

    private <V> TestOutputTopic<String, V> output(Topic<String, V> topic) {
        return driver.createOutputTopic(
                topic.name(), new StringDeserializer(), topic.value().deserializer());
    }

    @Test
    void keepsItsShape() throws IOException {
        String described = LabelingTopology.build(
                        topics, LabelingConfig.defaults(), board, classes, new LabelingMetrics(registry), clock)
                .describe()
                .toString();
        try (InputStream pinned = Objects.requireNonNull(
                getClass().getResourceAsStream("/topologies/labeling.txt"), "topologies/labeling.txt")) {
            assertThat(described).isEqualTo(new String(pinned.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void sendsTheAnnotation_whenAMaskIsSubmitted() {
        LabelTask task = task("img-1", 0.5, 12, 20);
        tasks.pipeInput("img-1", task);
        claim("img-1", "ann");
        byte[] mask = GreyPng.encode(new Mask(12, 20, filled(240, 2)));
        events.pipeInput(
                "img-1",
                event("img-1", LabelEventKind.SUBMITTED, "ann", "s1", NOW.plusSeconds(9))
                        .setMask(ByteBuffer.wrap(mask))
                        .setSecondsSpent(8.5)
                        .setStrokes(4)
                        .build());

        assertThat(annotations.readKeyValuesToList()).singleElement().satisfies(sent -> {
            assertThat(sent.key).isEqualTo("img-1");
            assertThat(sent.value)
                    .isEqualTo(Annotation.newBuilder()
                            .setImageId("img-1")
                            .setTaskId("img-1")
                            .setMask(ByteBuffer.wrap(mask))
                            .setAnnotator("ann")
                            .setReason(task.getReason())
                            .setSplit(task.getSplit())
                            .setPrefillModelVersion("v1")
                            .setAcceptedAsIs(false)
                            .setSecondsSpent(8.5)
                            .setStrokes(4)
                            .setReview(ReviewState.UNREVIEWED)
                            .setAnnotatedAt(NOW.plusSeconds(9))
                            .build());
        });
        assertThat(state("img-1")).isInstanceOf(Submitted.class);
        assertThat(driver.<String, LabelTask>getKeyValueStore(LabelingTopology.TASKS)
                        .get("img-1"))
                .isNull();
        assertThat(registry.counter(LabelingMetrics.SUBMITTED).count()).isEqualTo(1);
    }

    @Test
    void sendsOneAnnotation_whenASubmissionIsRepeatedAndAnotherFollows() {
        tasks.pipeInput("img-1", task("img-1", 0.5, 12, 20));
        claim("img-1", "ann");
        submit("img-1", "ann", "s1");
        submit("img-1", "ann", "s1");
        submit("img-1", "ann", "s2");
        submit("img-1", "bob", "s3");
        assertThat(annotations.readValuesToList()).hasSize(1);
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void keepsTheFirstInTheLog_whenTwoClaim() {
        tasks.pipeInput("img-1", task("img-1", 0.5, 12, 20));
        claim("img-1", "ann");
        claim("img-1", "bob");
        assertThat(((Claimed) state("img-1")).lease().annotator()).isEqualTo("ann");
        assertThat(board.heldBy("bob")).isEmpty();
    }

    @Test
    void writesReturned_whenALeaseRanOut() {
        tasks.pipeInput("img-1", task("img-1", 0.5, 12, 20));
        claim("img-1", "ann");
        driver.advanceWallClockTime(Duration.ofSeconds(5));
        assertThat(eventsOut.isEmpty()).isTrue();

        clock.now = NOW.plusSeconds(601);
        driver.advanceWallClockTime(Duration.ofSeconds(5));
        LabelEvent returned = eventsOut.readValue();
        assertThat(returned.getKind()).isEqualTo(LabelEventKind.RETURNED);
        assertThat(returned.getAnnotator()).isEqualTo(TaskCommand.DESK);
        assertThat(state("img-1")).isInstanceOf(Open.class);
        assertThat(board.reserve("bob")).contains("img-1");

        driver.advanceWallClockTime(Duration.ofSeconds(5));
        assertThat(eventsOut.isEmpty()).isTrue();
    }

    @Test
    void refusesIntoTheDeadLetters_whenAMaskIsNotOneForTheImage() {
        tasks.pipeInput("img-1", task("img-1", 0.5, 12, 20));
        claim("img-1", "ann");
        pipeMask("img-1", "s1", GreyPng.encode(new Mask(20, 12, filled(240, 0))));
        pipeMask("img-1", "s2", GreyPng.encode(new Mask(12, 20, filled(240, 9))));
        pipeMask("img-1", "s3", "no PNG".getBytes(StandardCharsets.UTF_8));
        events.pipeInput(
                "img-1",
                event("img-1", LabelEventKind.SUBMITTED, "ann", "s4", NOW).build());
        rawEvents.pipeInput("img-1", new byte[] {1, 2, 3});
        rawEvents.pipeInput("img-1", null);
        events.pipeInput(
                "img-1",
                event("img-1", LabelEventKind.CLAIMED, "ann", "c9", NOW).build());

        assertThat(deadLetters.readValuesToList())
                .allSatisfy(letter -> assertThat(letter.getStage()).isEqualTo("labeling"))
                .extracting(DeadLetter::getCause)
                .satisfiesExactly(
                        cause -> assertThat(cause).contains("12x20 px, the image 20x12"),
                        cause -> assertThat(cause).contains("class 9 at row 0, column 0: expected 0 to 3"),
                        cause -> assertThat(cause).containsIgnoringCase("PNG"),
                        cause -> assertThat(cause).contains("without a mask"),
                        cause -> assertThat(cause).contains("3 bytes"),
                        cause -> assertThat(cause).contains("has no value"),
                        cause -> assertThat(cause).contains("leaseUntil"));
        assertThat(annotations.isEmpty()).isTrue();
        assertThat(state("img-1")).isInstanceOf(Claimed.class);

        submit("img-1", "ann", "s5");
        assertThat(annotations.readValuesToList()).hasSize(1);
        assertThat(registry.counter(LabelingMetrics.DEAD_LETTERS).count()).isEqualTo(7);
    }

    @Test
    void keepsTheMaskForReplay_whenItsTaskIsNotKnown() {
        submit("img-9", "ann", "s1");
        DeadLetter letter = deadLetters.readValue();
        assertThat(letter.getCause()).contains("task img-9, which is not known");
        claim("img-9", "ann");
        assertThat(deadLetters.isEmpty()).isTrue();

        tasks.pipeInput("img-9", task("img-9", 0.5, 12, 20));
        rawEvents.pipeInput("img-9", TaskFold.bytes(Objects.requireNonNull(letter.getValue())));
        assertThat(annotations.readValuesToList()).hasSize(1);
    }

    @Test
    void closesTheTask_whenItIsWithdrawn() {
        tasks.pipeInput("img-1", task("img-1", 0.5, 12, 20));
        tasks.pipeInput("img-1", (LabelTask) null);
        assertThat(state("img-1")).isInstanceOf(Ended.class);
        assertThat(board.open()).isZero();
        tasks.pipeInput("img-1", task("img-1", 0.7, 12, 20));
        assertThat(board.reserve("ann")).contains("img-1");
    }

    @Test
    void followsThePriorityOnly_whenSomebodyHoldsTheTask() {
        tasks.pipeInput("img-1", task("img-1", 0.5, 12, 20));
        claim("img-1", "ann");
        LabelTask renewed = LabelTask.newBuilder(task("img-1", 0.9, 12, 20))
                .setModelVersion("v2")
                .build();
        tasks.pipeInput("img-1", renewed);
        LabelTask kept = driver.<String, LabelTask>getKeyValueStore(LabelingTopology.TASKS)
                .get("img-1");
        assertThat(kept.getPriority()).isEqualTo(0.9);
        assertThat(kept.getModelVersion()).isEqualTo("v1");
    }

    @Test
    void handsOutTheMostUrgentFirst_whenSeveralAreOpen() {
        tasks.pipeInput("low", task("low", 0.1, 4, 4));
        tasks.pipeInput("high", task("high", 0.9, 4, 4));
        tasks.pipeInput("middle", task("middle", 0.5, 4, 4));
        assertThat(board.reserve("ann")).contains("high");
        assertThat(board.reserve("bob")).contains("middle");
        board.unreserve("high");
        assertThat(board.reserve("bob")).contains("high");
    }

    @Test
    void takesTheClassesOfTheLastThatServes() {
        TestInputTopic<String, ModelRelease> models = input(topics.models());
        models.pipeInput("main/v3", release("v3", ModelStatus.REJECTED, List.of("x"), NOW.plusSeconds(9)));
        models.pipeInput(
                "other/v1",
                ModelRelease.newBuilder(release("v1", ModelStatus.CHAMPION, List.of("y"), NOW.plusSeconds(9)))
                        .setLine("other")
                        .build());
        assertThat(classes.names()).isEqualTo(CLASSES);
        models.pipeInput("main/v2", release("v2", ModelStatus.CHAMPION, List.of("a", "b"), NOW.plusSeconds(5)));
        assertThat(classes.names()).containsExactly("a", "b");
        models.pipeInput("main/v1", release("v1", ModelStatus.CHAMPION, CLASSES, NOW));
        assertThat(classes.names()).as("rolled back").isEqualTo(CLASSES);
    }

    private TaskState state(String taskId) {
        return driver.<String, TaskState>getKeyValueStore(LabelingTopology.STATES)
                .get(taskId);
    }

    private void claim(String taskId, String who) {
        events.pipeInput(
                taskId,
                event(taskId, LabelEventKind.CLAIMED, who, "claim-" + who, clock.now)
                        .setLeaseUntil(clock.now.plusSeconds(600))
                        .build());
    }

    private void submit(String taskId, String who, String requestId) {
        events.pipeInput(
                taskId,
                event(taskId, LabelEventKind.SUBMITTED, who, requestId, clock.now)
                        .setMask(ByteBuffer.wrap(GreyPng.encode(new Mask(12, 20, filled(240, 1)))))
                        .build());
    }

    private void pipeMask(String taskId, String requestId, byte[] png) {
        events.pipeInput(
                taskId,
                event(taskId, LabelEventKind.SUBMITTED, "ann", requestId, clock.now)
                        .setMask(ByteBuffer.wrap(png))
                        .build());
    }

    private static Bytes filled(int length, int value) {
        byte[] values = new byte[length];
        Arrays.fill(values, (byte) value);
        return Bytes.wrap(values);
    }
}
