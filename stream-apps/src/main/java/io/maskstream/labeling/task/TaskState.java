package io.maskstream.labeling.task;

import java.time.Instant;

/** Where a label task stands, after every event about it so far. */
public sealed interface TaskState {

    /** Returns what was asked about the task before. */
    TaskHistory history();

    /** Nobody works on it. */
    record Open(TaskHistory history) implements TaskState {}

    /** Somebody works on it, until the lease ends. */
    record Claimed(Lease lease, TaskHistory history) implements TaskState {}

    /**
     * It has its annotation; nothing changes it any more.
     *
     * @param annotator who made the mask
     * @param at when it was submitted
     * @param secondsSpent working time that the page reported
     */
    record Submitted(String annotator, Instant at, double secondsSpent, TaskHistory history) implements TaskState {}

    /** It ended without an annotation. */
    record Ended(Ending why, TaskHistory history) implements TaskState {}

    /** Why a task ended without an annotation. */
    enum Ending {
        /** As many people passed on it as may. */
        SKIPPED,
        /** An annotator said that the image cannot be labelled. */
        REJECTED,
        /** Routing took the task back; if it comes again, it is open again. */
        WITHDRAWN
    }

    /**
     * The right to work on a task for a while.
     *
     * @param annotator who holds it
     * @param since when it was claimed
     * @param until when it ends, unless renewed
     */
    record Lease(String annotator, Instant since, Instant until) {
        public Lease {
            if (!until.isAfter(since)) {
                throw new IllegalArgumentException("a lease from " + since + " cannot end at " + until);
            }
        }

        /** Says whether it has ended at a time. */
        public boolean isOver(Instant at) {
            return !until.isAfter(at);
        }

        Lease extendedTo(Instant later) {
            return later.isAfter(until) ? new Lease(annotator, since, later) : this;
        }
    }
}
