package io.maskstream.labeling;

import io.maskstream.labeling.task.TaskCommand;
import io.maskstream.labeling.task.TaskRules;
import io.maskstream.labeling.task.TaskState;
import io.maskstream.labeling.task.TaskState.Claimed;
import io.maskstream.labeling.task.TaskState.Open;
import io.maskstream.labeling.task.Verdict;
import io.maskstream.schemas.event.LabelEvent;
import io.maskstream.schemas.event.LabelEventKind;
import io.maskstream.schemas.event.LabelTask;
import io.maskstream.schemas.topic.Topic;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.mask.MaskFormatException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.jspecify.annotations.Nullable;

/**
 * What people ask of the desk. Every request is written to the log, and answered when it has come out of the fold.
 *
 * <p>So an answer of yes means that the event is on the brokers. A request that got no answer in time is asked again under the same
 * request id, and changes nothing twice. The desk knows the tasks of the partitions that its process has; where several
 * processes share the work, each hands out its own.
 */
public final class LabelDesk {
    /** How many tasks are tried when others were faster. */
    private static final int TRIES = 8;

    /** Room in a record of the log for all but the mask. */
    private static final int EVENT_MARGIN = 64 * 1024;

    private final LabelingConfig config;
    private final TaskRules rules;
    private final TaskBoard board;
    private final LabelClasses classes;
    private final DeskStores stores;
    private final Topic<String, LabelEvent> log;
    private final Producer<String, LabelEvent> producer;
    private final Clock clock;

    /** A task in the hands of an annotator. */
    public record Offer(LabelTask task, Instant leaseUntil) {}

    /**
     * A mask that is handed in.
     *
     * @param mask grey PNG, or null to accept the pre-filled mask as it is
     * @param secondsSpent working time
     * @param strokes edits made on the pre-filled mask
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on at once, never compared
    public record Submission(byte @Nullable [] mask, double secondsSpent, int strokes) {}

    /** The desk cannot answer now; asked again, with the same request id, it will. */
    public static final class NotNowException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotNowException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    LabelDesk(
            LabelingConfig config,
            TaskBoard board,
            LabelClasses classes,
            DeskStores stores,
            Topic<String, LabelEvent> log,
            Producer<String, LabelEvent> producer,
            Clock clock) {
        this.config = config;
        this.rules = new TaskRules(config.maxSkips());
        this.board = board;
        this.classes = classes;
        this.stores = stores;
        this.log = log;
        this.producer = producer;
        this.clock = clock;
    }

    /** Returns the class names, index = class id; empty while no model was released and none are configured. */
    public List<String> classes() {
        return classes.names();
    }

    /** Returns the counts, with those of one annotator. */
    TaskBoard.Counts counts(String annotator) {
        return board.counts(annotator, clock.instant());
    }

    /** Returns a task that can still be labelled. */
    public Optional<LabelTask> task(String taskId) {
        return Optional.ofNullable(inStores(() -> stores.tasks().get(taskId)));
    }

    /** Returns a task with its lease, if this annotator holds it. */
    public Optional<Offer> held(String taskId, String annotator) {
        return board.lease(taskId)
                .filter(lease -> lease.annotator().equals(annotator))
                .flatMap(lease -> task(taskId).map(task -> new Offer(task, lease.until())));
    }

    /**
     * Claims the most urgent open task that the annotator has not passed on.
     *
     * @param resume whether a task that the annotator already holds comes first, as after a page was closed
     * @return empty if there is none
     * @throws NotNowException if the log did not answer in time
     */
    public Optional<Offer> next(String annotator, String requestId, boolean resume) {
        Optional<String> known = board.claimedBy(annotator, requestId);
        if (known.isEmpty() && resume) {
            known = board.heldBy(annotator).stream().findFirst();
        }
        if (known.isPresent()) {
            Optional<Offer> offer = held(known.get(), annotator);
            if (offer.isPresent()) {
                return offer;
            }
        }
        for (int attempt = 0; attempt < TRIES; attempt++) {
            Optional<String> candidate = board.reserve(annotator);
            if (candidate.isEmpty()) {
                return Optional.empty();
            }
            String taskId = candidate.get();
            try {
                Instant until = clock.instant().plus(config.lease());
                Verdict verdict = ask(event(taskId, LabelEventKind.CLAIMED, annotator, requestId)
                        .setLeaseUntil(until)
                        .build());
                if (verdict.accepted()) {
                    Optional<LabelTask> task = task(taskId);
                    if (task.isPresent()) {
                        return Optional.of(new Offer(task.get(), until));
                    }
                }
            } finally {
                board.unreserve(taskId);
            }
        }
        throw new NotNowException("others were faster " + TRIES + " times", null);
    }

    /** Moves the end of the lease to a full lease from now; returns it, or why not. */
    public Verdict renew(String taskId, String annotator, String requestId) {
        return ask(event(taskId, LabelEventKind.RENEWED, annotator, requestId)
                .setLeaseUntil(clock.instant().plus(config.lease()))
                .build());
    }

    /**
     * Hands in a mask. When this returns an acceptance, the mask is on the brokers and the task has its annotation.
     *
     * @throws MaskFormatException if the mask is not one for this image; nothing was written then
     * @throws NotNowException if the log did not answer in time
     */
    public Verdict submit(String taskId, String annotator, String requestId, Submission submission)
            throws MaskFormatException {
        LabelEvent.Builder event = event(taskId, LabelEventKind.SUBMITTED, annotator, requestId)
                .setSecondsSpent(submission.secondsSpent())
                .setStrokes(submission.strokes());
        Optional<LabelTask> task = task(taskId);
        if (task.isPresent()) {
            byte[] prefill = TaskFold.bytes(task.get().getMask());
            byte @Nullable [] given = submission.mask();
            byte[] png = given == null ? prefill : given;
            int most = log.layout().maxMessageBytes() - EVENT_MARGIN;
            if (png.length > most) {
                throw new MaskFormatException(
                        "the mask has " + png.length + " bytes: expected at most " + most + " in one event");
            }
            Mask mask = MaskCheck.read(png, task.get().getContent(), classes.names(), config.maxImagePixels());
            event.setMask(ByteBuffer.wrap(png)).setAcceptedAsIs(given == null || isSame(mask, prefill));
        }
        return ask(event.build());
    }

    private boolean isSame(Mask mask, byte[] prefill) {
        try {
            return mask.equals(GreyPng.mask(prefill, config.maxImagePixels()));
        } catch (MaskFormatException e) {
            return false; // a pre-filled mask that cannot be read was not accepted by anyone
        }
    }

    /** Passes on a task, which goes to others. */
    public Verdict skip(String taskId, String annotator, String requestId, @Nullable String note) {
        return ask(event(taskId, LabelEventKind.SKIPPED, annotator, requestId)
                .setNote(note)
                .build());
    }

    /** Gives a task back; it may come again to the same annotator. */
    public Verdict release(String taskId, String annotator, String requestId) {
        return ask(event(taskId, LabelEventKind.RETURNED, annotator, requestId).build());
    }

    /** Says that the image cannot be labelled by anyone. */
    public Verdict reject(String taskId, String annotator, String requestId, @Nullable String note) {
        return ask(event(taskId, LabelEventKind.REJECTED, annotator, requestId)
                .setNote(note)
                .build());
    }

    private LabelEvent.Builder event(String taskId, LabelEventKind kind, String annotator, String requestId) {
        if (annotator.equals(TaskCommand.DESK)) {
            throw new IllegalArgumentException("nobody may be called " + TaskCommand.DESK);
        }
        return LabelEvent.newBuilder()
                .setTaskId(taskId)
                .setKind(kind)
                .setAnnotator(annotator)
                .setRequestId(requestId)
                .setAt(clock.instant());
    }

    /** Writes an event and waits until it was folded; what cannot change any more is answered without writing. */
    private Verdict ask(LabelEvent event) {
        @Nullable TaskState state = inStores(() -> stores.states().get(event.getTaskId()));
        if (!(state instanceof Open || state instanceof Claimed)) {
            return rules.apply(state, TaskCommand.of(event)).verdict();
        }
        CompletableFuture<Verdict> verdict = board.expect(event.getAnnotator(), event.getRequestId());
        try {
            long patience = config.answerTimeout().toMillis();
            producer.send(log.record(event.getTaskId(), event)).get(patience, TimeUnit.MILLISECONDS);
            return verdict.get(patience, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new NotNowException("the log of label events did not answer within " + config.answerTimeout(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotNowException("the desk is closing", e);
        } finally {
            board.giveUp(event.getAnnotator(), event.getRequestId());
        }
    }

    private interface Read<T> {
        @Nullable
        T read();
    }

    private static <T> @Nullable T inStores(Read<T> read) {
        try {
            return read.read();
        } catch (InvalidStateStoreException | IllegalStateException e) {
            throw new NotNowException("the desk is still starting, or its partitions are moving", e);
        }
    }
}
