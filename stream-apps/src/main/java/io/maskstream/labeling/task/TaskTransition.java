package io.maskstream.labeling.task;

import org.jspecify.annotations.Nullable;

/** What a command does to a task. */
public sealed interface TaskTransition {

    /** Returns the answer for the one who asked. */
    Verdict verdict();

    /** It is done; {@code next} is where the task stands now. */
    record Changed(TaskState next) implements TaskTransition {
        @Override
        public Verdict verdict() {
            return Verdict.ACCEPTED;
        }
    }

    /** It is done, and the submitted mask is the task's annotation. Happens at most once to a task. */
    record Annotated(TaskState.Submitted next) implements TaskTransition {
        @Override
        public Verdict verdict() {
            return Verdict.ACCEPTED;
        }
    }

    /** It was asked and answered before; nothing changes. */
    record Repeated(Verdict verdict) implements TaskTransition {}

    /**
     * It cannot be done; the task stays where it is, and remembers the answer.
     *
     * @param next the same state with the answer in its history; null for a task that is not known
     */
    record Refused(@Nullable TaskState next, Verdict verdict) implements TaskTransition {}

    /** Returns the state to keep, or null if nothing changes. */
    static @Nullable TaskState nextOf(TaskTransition transition) {
        if (transition instanceof Changed changed) {
            return changed.next();
        }
        if (transition instanceof Annotated annotated) {
            return annotated.next();
        }
        return transition instanceof Refused refused ? refused.next() : null;
    }
}
