package io.maskstream.labeling;

import io.maskstream.labeling.task.TaskCommand;
import io.maskstream.labeling.task.TaskRules;
import io.maskstream.labeling.task.TaskState;
import io.maskstream.labeling.task.TaskState.Claimed;
import io.maskstream.labeling.task.TaskState.Open;
import io.maskstream.labeling.task.TaskTransition;
import io.maskstream.labeling.task.TaskTransition.Annotated;
import io.maskstream.labeling.task.TaskTransition.Repeated;
import io.maskstream.labeling.task.Verdict;
import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.DeadLetter;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelEventKind;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.event.ReviewState;
import io.maskstream.schemas.topic.Topics;
import io.maskstream.segmentation.mask.MaskFormatException;
import io.maskstream.service.DeadLetters;
import io.maskstream.service.StreamRecords;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Folds tasks and events into the stores, as {@link TaskRules} says, and tells the {@link TaskBoard}.
 *
 * <p>A record that cannot be read, an event that lacks something and a mask that fails {@link MaskCheck} become dead letters; the
 * task stays as it was.
 */
final class TaskFold implements Processor<byte @Nullable [], byte @Nullable [], String, SpecificRecord> {
    private static final String STAGE = "labeling";

    private final Topics topics;
    private final LabelingConfig config;
    private final TaskRules rules;
    private final TaskBoard board;
    private final LabelClasses classes;
    private final LabelingMetrics metrics;
    private final Clock clock;

    /** End of the lease of every claimed task of this partition, so that the check need not read the whole store. */
    private final Map<String, Instant> leaseEnds = new HashMap<>();

    private @Nullable Shell shell;

    /** What the processor has only once it runs. */
    private record Shell(
            ProcessorContext<String, SpecificRecord> context,
            KeyValueStore<String, TaskState> states,
            KeyValueStore<String, LabelTask> tasks) {}

    TaskFold(
            Topics topics,
            LabelingConfig config,
            TaskRules rules,
            TaskBoard board,
            LabelClasses classes,
            LabelingMetrics metrics,
            Clock clock) {
        this.topics = topics;
        this.config = config;
        this.rules = rules;
        this.board = board;
        this.classes = classes;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        Shell opened = new Shell(
                context, context.getStateStore(LabelingTopology.STATES), context.getStateStore(LabelingTopology.TASKS));
        shell = opened;
        try (KeyValueIterator<String, TaskState> all = opened.states().all()) {
            while (all.hasNext()) {
                KeyValue<String, TaskState> entry = all.next();
                show(opened, entry.key, opened.tasks().get(entry.key), null, entry.value);
            }
        }
        context.schedule(config.expiryCheck(), PunctuationType.WALL_CLOCK_TIME, unused -> returnWhatRanOut(opened));
    }

    @Override
    public void close() {
        if (shell != null) {
            board.removePartition(shell.context().taskId().partition());
        }
    }

    private Shell running() {
        if (shell == null) {
            throw new IllegalStateException("the fold was not initialised");
        }
        return shell;
    }

    @Override
    public void process(Record<byte @Nullable [], byte @Nullable []> record) {
        Shell now = running();
        try {
            if (now.context()
                    .recordMetadata()
                    .orElseThrow()
                    .topic()
                    .equals(topics.labelTasks().name())) {
                foldTask(now, record);
            } else {
                foldEvent(now, record);
            }
        } catch (SerializationException | MaskFormatException | IllegalArgumentException e) {
            metrics.deadLetter();
            DeadLetter letter = DeadLetters.of(STAGE, StreamRecords.asRead(now.context(), record), e, clock.instant());
            now.context()
                    .forward(
                            new Record<>(DeadLetters.keyOf(letter), letter, record.timestamp()),
                            LabelingTopology.DEAD_LETTERS_OUT);
        }
    }

    private void foldTask(Shell now, Record<byte @Nullable [], byte @Nullable []> record) {
        String taskId = keyOf(record);
        @Nullable TaskState before = now.states().get(taskId);
        if (record.value() == null) {
            @Nullable TaskState after = rules.withdrawn(before);
            if (after != null && !after.equals(before)) {
                keep(now, taskId, now.tasks().get(taskId), before, after);
            }
            return;
        }
        LabelTask task = StreamRecords.event(topics.labelTasks(), record);
        StreamRecords.requireKey(topics.labelTasks(), record, task.getTaskId());
        TaskState after = rules.arrived(before);
        if (after instanceof Open) {
            now.tasks().put(taskId, task);
            keep(now, taskId, task, before, after);
        } else if (after instanceof Claimed) {
            // Somebody draws on the pre-filled mask they were given: only the priority follows.
            @Nullable LabelTask held = now.tasks().get(taskId);
            LabelTask followed = held == null
                    ? task
                    : LabelTask.newBuilder(held).setPriority(task.getPriority()).build();
            now.tasks().put(taskId, followed);
            keep(now, taskId, followed, before, after);
        }
    }

    private void foldEvent(Shell now, Record<byte @Nullable [], byte @Nullable []> record) throws MaskFormatException {
        LabelEvent event = StreamRecords.event(topics.labelEvents(), record);
        String taskId = event.getTaskId();
        StreamRecords.requireKey(topics.labelEvents(), record, taskId);
        try {
            TaskCommand command = TaskCommand.of(event);
            @Nullable TaskState before = now.states().get(taskId);
            @Nullable LabelTask task = now.tasks().get(taskId);
            TaskTransition transition = rules.apply(before, command);
            if (transition instanceof Annotated) {
                if (task == null) {
                    throw new IllegalStateException("task " + taskId + " can be labelled but is not in the store "
                            + LabelingTopology.TASKS + ": delete the state directory, so that it is restored");
                }
                checkMask(event, task);
                annotate(now, event, task, record.timestamp());
            } else if (before == null && event.getKind() == LabelEventKind.SUBMITTED) {
                throw new IllegalArgumentException("a mask was submitted for task " + taskId
                        + ", which is not known: replay it after the task is on "
                        + topics.labelTasks().name());
            }
            @Nullable TaskState after = TaskTransition.nextOf(transition);
            if (after != null) {
                keep(now, taskId, task, before, after);
            }
            count(event, transition);
            board.answered(event.getAnnotator(), event.getRequestId(), transition.verdict());
        } catch (MaskFormatException | IllegalArgumentException e) {
            board.answered(event.getAnnotator(), event.getRequestId(), Verdict.refused(String.valueOf(e.getMessage())));
            throw e;
        }
    }

    private void checkMask(LabelEvent event, LabelTask task) throws MaskFormatException {
        @Nullable ByteBuffer png = event.getMask();
        if (png == null) {
            throw new IllegalArgumentException("a SUBMITTED event without a mask: expected a grey PNG");
        }
        MaskCheck.read(bytes(png), task.getContent(), classes.names(), config.maxImagePixels());
    }

    private void annotate(Shell now, LabelEvent event, LabelTask task, long timestamp) {
        Annotation annotation = Annotation.newBuilder()
                .setImageId(task.getImageId())
                .setTaskId(task.getTaskId())
                .setMask(event.getMask())
                .setAnnotator(event.getAnnotator())
                .setReason(task.getReason())
                .setSplit(task.getSplit())
                .setPrefillModelVersion(task.getModelVersion())
                .setAcceptedAsIs(event.getAcceptedAsIs())
                .setSecondsSpent(event.getSecondsSpent())
                .setStrokes(event.getStrokes())
                .setReview(ReviewState.UNREVIEWED)
                .setAnnotatedAt(event.getAt())
                .build();
        now.context().forward(new Record<>(task.getImageId(), annotation, timestamp), LabelingTopology.ANNOTATIONS_OUT);
        metrics.annotated(event.getSecondsSpent());
    }

    /** Puts a state into the store, drops the task once it can no longer be labelled, and shows both on the board. */
    private void keep(Shell now, String taskId, @Nullable LabelTask task, @Nullable TaskState before, TaskState after) {
        if (!after.equals(before)) {
            now.states().put(taskId, after);
        }
        if (!(after instanceof Open || after instanceof Claimed)) {
            now.tasks().delete(taskId);
        }
        show(now, taskId, task, before, after);
    }

    private void show(Shell now, String taskId, @Nullable LabelTask task, @Nullable TaskState before, TaskState after) {
        if (after instanceof Claimed claimed) {
            leaseEnds.put(taskId, claimed.lease().until());
        } else {
            leaseEnds.remove(taskId);
        }
        board.update(
                now.context().taskId().partition(),
                taskId,
                task == null ? 0 : task.getPriority(),
                task == null ? Instant.EPOCH : task.getCreatedAt(),
                before,
                after);
    }

    private void returnWhatRanOut(Shell now) {
        Instant at = clock.instant();
        leaseEnds.forEach((taskId, end) -> {
            if (!end.isAfter(at)) {
                // Said again at the next check if it was not folded by then; the rules make that harmless.
                LabelEvent event = LabelEvent.newBuilder()
                        .setTaskId(taskId)
                        .setKind(LabelEventKind.RETURNED)
                        .setAnnotator(TaskCommand.DESK)
                        .setRequestId("lease-" + end.toEpochMilli())
                        .setAt(at)
                        .setNote("the lease ran out")
                        .build();
                now.context().forward(new Record<>(taskId, event, at.toEpochMilli()), LabelingTopology.EVENTS_OUT);
            }
        });
    }

    private void count(LabelEvent event, TaskTransition transition) {
        String outcome = transition instanceof Repeated
                ? "repeated"
                : transition.verdict().accepted() ? "accepted" : "refused";
        metrics.request(event.getKind(), outcome);
    }

    private static String keyOf(Record<byte @Nullable [], byte @Nullable []> record) {
        byte @Nullable [] key = record.key();
        if (key == null || key.length == 0) {
            throw new IllegalArgumentException("a record without a key: expected the task id");
        }
        return new String(key, StandardCharsets.UTF_8);
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.duplicate().get(copy);
        return copy;
    }
}
