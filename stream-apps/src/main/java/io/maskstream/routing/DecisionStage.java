package io.maskstream.routing;

import io.maskstream.routing.PartitionRouter.Routed;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Prediction;
import io.maskstream.schemas.event.Route;
import io.maskstream.schemas.event.RoutingMemory;
import io.maskstream.schemas.event.RoutingPolicy;
import io.maskstream.schemas.event.TrainingSample;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.service.DeadLetters;
import io.maskstream.service.StreamRecords;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Decides on every prediction once, and does what was decided.
 *
 * <p>An image that has a decision is never decided again, whatever predicts it: a second prediction is counted and
 * otherwise ignored, so it moves neither the budget nor the thresholds.
 */
final class DecisionStage implements Processor<byte @Nullable [], byte @Nullable [], String, SpecificRecord> {
    /** Store of the images that have a decision: image id to the time of it. */
    static final String DECIDED = "decided";

    /** Store of what a partition remembers, and its scores by slot. */
    static final String MEMORY = "memory";

    static final String SCORES = "scores";

    /** Store of the tasks that were made: image id to the task without its pictures. */
    static final String TASKS = "tasks";

    /** Store of the refused policies that were reported: model line to the offset of the last. */
    static final String REPORTED = "refusals-reported";

    private static final String MEMORY_KEY = "partition";
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
    private static final Duration REFUSALS_EVERY = Duration.ofSeconds(1);

    private final Topics topics;
    private final RoutingConfig config;
    private final int partitions;
    private final RoutingMetrics metrics;
    private @Nullable Started started;

    /** What exists from init to close. */
    private record Started(
            ProcessorContext<String, SpecificRecord> context,
            KeyValueStore<String, Long> decided,
            KeyValueStore<String, RoutingMemory> memory,
            KeyValueStore<String, Double> scores,
            KeyValueStore<String, LabelTask> tasks,
            KeyValueStore<String, Long> reported,
            PolicyBoard.Reader policies,
            PartitionRouter router) {}

    DecisionStage(Topics topics, RoutingConfig config, int partitions, RoutingMetrics metrics) {
        this.topics = topics;
        this.config = config;
        this.partitions = partitions;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        KeyValueStore<String, byte[]> board = context.getStateStore(PolicyBoard.STORE);
        Started now = new Started(
                context,
                context.getStateStore(DECIDED),
                context.getStateStore(MEMORY),
                context.getStateStore(SCORES),
                context.getStateStore(TASKS),
                context.getStateStore(REPORTED),
                new PolicyBoard.Reader(board, topics, config.line(), config.initialPolicy()),
                new PartitionRouter(partitions, config.salt()));
        started = now;
        RoutingMemory kept = now.memory().get(MEMORY_KEY);
        if (kept != null) {
            now.router().restore(kept, now.scores()::get);
        }
        if (context.taskId().partition() == 0) {
            context.schedule(REFUSALS_EVERY, PunctuationType.WALL_CLOCK_TIME, time -> reportRefusal(now));
        }
    }

    @Override
    public void process(Record<byte @Nullable [], byte @Nullable []> record) {
        Started here = Objects.requireNonNull(started, "init comes first");
        Prediction prediction;
        Routed routed;
        String id;
        try {
            prediction = StreamRecords.event(topics.predictions(), record);
            id = prediction.getImageId();
            StreamRecords.requireKey(topics.predictions(), record, id);
            if (here.decided().get(id) != null) {
                metrics.duplicate();
                return;
            }
            RoutingPolicy policy = here.policies().inForce();
            routed = here.router().decide(Candidate.of(prediction, record.timestamp()), policy);
        } catch (SerializationException | IllegalArgumentException e) {
            refuse(here, record, e);
            return;
        }
        Decision decision = routed.decision();
        long at = decision.getDecidedAt().toEpochMilli();
        here.decided().put(id, at);
        here.scores().put(here.router().lastSlotKey(), decision.getScoreValue());
        here.memory().put(MEMORY_KEY, here.router().memory());

        here.context().forward(new Record<>(id, decision, at), RoutingTopology.DECISIONS_OUT);
        if (decision.getRoute() == Route.LEARN) {
            here.context()
                    .forward(new Record<>(id, pseudoLabel(prediction, decision), at), RoutingTopology.SAMPLES_OUT);
            metrics.sampled(Origin.PSEUDO);
        } else if (decision.getRoute() == Route.ASK_PERSON) {
            LabelTask task = task(prediction, decision, routed.priority());
            here.tasks().put(id, withoutPictures(task));
            here.context().forward(new Record<>(id, task, at), RoutingTopology.TASKS_OUT);
        }
        metrics.decided(decision, here.context().currentSystemTimeMs());
        metrics.tokens(here.context().taskId().partition(), here.router().tokens());
    }

    private void refuse(Started here, Record<byte @Nullable [], byte @Nullable []> record, RuntimeException cause) {
        long now = here.context().currentSystemTimeMs();
        DeadLetter letter = DeadLetters.of(
                RoutingApp.NAME, StreamRecords.asRead(here.context(), record), cause, Instant.ofEpochMilli(now));
        here.context().forward(new Record<>(DeadLetters.keyOf(letter), letter, now), RoutingTopology.DEAD_LETTERS_OUT);
        metrics.refused();
    }

    private void reportRefusal(Started here) {
        DeadLetter letter = here.policies().refusal();
        if (letter == null) {
            return;
        }
        Long reported = here.reported().get(config.line());
        if (reported == null || reported < letter.getOffset()) {
            here.reported().put(config.line(), letter.getOffset());
            here.context()
                    .forward(
                            new Record<>(
                                    DeadLetters.keyOf(letter),
                                    letter,
                                    letter.getFailedAt().toEpochMilli()),
                            RoutingTopology.DEAD_LETTERS_OUT);
            metrics.refused();
        }
    }

    private static TrainingSample pseudoLabel(Prediction prediction, Decision decision) {
        return TrainingSample.newBuilder()
                .setImageId(prediction.getImageId())
                .setSource(prediction.getSource())
                .setContent(prediction.getContent())
                .setMask(prediction.getMask())
                .setConfidence(prediction.getConfidence())
                .setOrigin(Origin.PSEUDO)
                .setSplit(decision.getSplit())
                .setReason(decision.getReason())
                .setModelVersion(prediction.getModelVersion())
                .setCreatedAt(decision.getDecidedAt())
                .build();
    }

    private static LabelTask task(Prediction prediction, Decision decision, double priority) {
        return LabelTask.newBuilder()
                .setTaskId(prediction.getImageId())
                .setImageId(prediction.getImageId())
                .setSource(prediction.getSource())
                .setContent(prediction.getContent())
                .setAttributes(prediction.getAttributes())
                .setReason(decision.getReason())
                .setSplit(decision.getSplit())
                .setPriority(priority)
                .setModelVersion(prediction.getModelVersion())
                .setMask(prediction.getMask())
                .setConfidence(prediction.getConfidence())
                .setScores(prediction.getScores())
                .setInclusionProbability(decision.getInclusionProbability())
                .setCreatedAt(decision.getDecidedAt())
                .build();
    }

    /** The annotation brings its own mask, so the store need not keep the model's. */
    private static LabelTask withoutPictures(LabelTask task) {
        return LabelTask.newBuilder(task)
                .setMask(NOTHING)
                .setConfidence(NOTHING)
                .build();
    }

    @Override
    public void close() {
        Started here = started;
        if (here != null) {
            metrics.forget(here.context().taskId().partition());
        }
    }
}
