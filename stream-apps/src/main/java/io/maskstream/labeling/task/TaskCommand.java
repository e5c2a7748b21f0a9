package io.maskstream.labeling.task;

import io.maskstream.schemas.event.LabelEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A request about one label task, as the log holds it. */
public sealed interface TaskCommand {
    /** The name under which the desk itself writes to the log; no person may use it. */
    String DESK = "label-desk";

    /** Returns the identity of the request: a repeated one has the same and changes nothing twice. */
    String requestId();

    /** Returns who asks. */
    String annotator();

    /** Returns when it was asked, by the clock of the desk. */
    Instant at();

    /** To work on the task until {@code leaseUntil}. */
    record Claim(String requestId, String annotator, Instant at, Instant leaseUntil) implements TaskCommand {}

    /** To go on working on it until {@code leaseUntil}. */
    record Renew(String requestId, String annotator, Instant at, Instant leaseUntil) implements TaskCommand {}

    /** To hand in a mask. */
    record Submit(String requestId, String annotator, Instant at, double secondsSpent) implements TaskCommand {}

    /** To pass on it. */
    record Skip(String requestId, String annotator, Instant at) implements TaskCommand {}

    /** To give it back. */
    record Release(String requestId, String annotator, Instant at) implements TaskCommand {}

    /** To have it never asked again, since the image cannot be labelled. */
    record Reject(String requestId, String annotator, Instant at) implements TaskCommand {}

    /** To open it again because its lease ran out; only the desk says so. */
    record Expire(String requestId, Instant at) implements TaskCommand {
        @Override
        public String annotator() {
            return DESK;
        }
    }

    /**
     * Reads a command out of an event of the log.
     *
     * @throws IllegalArgumentException if the event lacks what its kind needs, naming the field
     */
    static TaskCommand of(LabelEvent event) {
        String requestId = event.getRequestId();
        String annotator = event.getAnnotator();
        Instant at = event.getAt();
        if (requestId.isBlank()) {
            throw new IllegalArgumentException(
                    "requestId of a label event is empty: expected an id chosen by who asks");
        }
        if (annotator.isBlank()) {
            throw new IllegalArgumentException("annotator of a label event is empty: expected a name");
        }
        return switch (event.getKind()) {
            case CLAIMED -> new Claim(requestId, annotator, at, leaseUntil(event));
            case RENEWED -> new Renew(requestId, annotator, at, leaseUntil(event));
            case SUBMITTED -> new Submit(requestId, annotator, at, event.getSecondsSpent());
            case SKIPPED -> new Skip(requestId, annotator, at);
            case REJECTED -> new Reject(requestId, annotator, at);
            case RETURNED -> annotator.equals(DESK) ? new Expire(requestId, at) : new Release(requestId, annotator, at);
        };
    }

    private static Instant leaseUntil(LabelEvent event) {
        @Nullable Instant until = event.getLeaseUntil();
        if (until == null || !until.isAfter(event.getAt())) {
            throw new IllegalArgumentException("leaseUntil of a " + event.getKind() + " event is " + until
                    + ": expected a time after " + event.getAt());
        }
        return until;
    }
}
