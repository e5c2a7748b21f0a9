package io.maskstream.labeling.task;

import io.maskstream.labeling.task.TaskCommand.Claim;
import io.maskstream.labeling.task.TaskCommand.Expire;
import io.maskstream.labeling.task.TaskCommand.Reject;
import io.maskstream.labeling.task.TaskCommand.Release;
import io.maskstream.labeling.task.TaskCommand.Renew;
import io.maskstream.labeling.task.TaskCommand.Skip;
import io.maskstream.labeling.task.TaskCommand.Submit;
import io.maskstream.labeling.task.TaskState.Claimed;
import io.maskstream.labeling.task.TaskState.Ended;
import io.maskstream.labeling.task.TaskState.Ending;
import io.maskstream.labeling.task.TaskState.Lease;
import io.maskstream.labeling.task.TaskState.Open;
import io.maskstream.labeling.task.TaskState.Submitted;
import io.maskstream.labeling.task.TaskTransition.Annotated;
import io.maskstream.labeling.task.TaskTransition.Changed;
import io.maskstream.labeling.task.TaskTransition.Refused;
import io.maskstream.labeling.task.TaskTransition.Repeated;
import org.jspecify.annotations.Nullable;

/**
 * How a label task moves from state to state. The order of the log decides: of two who claim, the first in the log wins.
 *
 * <p>People and their browsers are slow and repeat themselves, so the rules are lenient where no one is hurt: work handed in after
 * the lease ran out counts as long as nobody else has taken the task, and a request with a known id gets its first answer.
 *
 * @param maxSkips how many people may pass on a task before it ends without an annotation, at least 1
 */
public record TaskRules(int maxSkips) {
    public TaskRules {
        if (maxSkips < 1) {
            throw new IllegalArgumentException("maxSkips is " + maxSkips + ": expected at least 1");
        }
    }

    /** Returns the state after routing asked for an annotation; a task that is known stays as it is. */
    public TaskState arrived(@Nullable TaskState state) {
        if (state == null) {
            return new Open(TaskHistory.NONE);
        }
        return state instanceof Ended ended && ended.why() == Ending.WITHDRAWN ? new Open(ended.history()) : state;
    }

    /** Returns the state after routing took its request back; an annotation that is there stays. */
    public @Nullable TaskState withdrawn(@Nullable TaskState state) {
        if (state instanceof Open || state instanceof Claimed) {
            return new Ended(Ending.WITHDRAWN, state.history());
        }
        return state;
    }

    /**
     * Returns what a command does.
     *
     * @param state where the task stands; null if no such task is known
     */
    public TaskTransition apply(@Nullable TaskState state, TaskCommand command) {
        if (state == null) {
            return new Refused(null, Verdict.refused("there is no such task"));
        }
        @Nullable Verdict before = state.history().verdictOn(command.annotator(), command.requestId());
        if (before != null) {
            return new Repeated(before);
        }
        if (command instanceof Expire expire) {
            return expire(state, expire);
        }
        if (state instanceof Submitted || state instanceof Ended) {
            return refuse(state, command, endOf(state));
        }
        if (command instanceof Claim claim) {
            return claim(state, claim);
        }
        if (command instanceof Submit submit) {
            return submit(state, submit);
        }
        return whileHeld(state, command);
    }

    private static TaskTransition expire(TaskState state, Expire expire) {
        // A renewal that came first in the log has moved the end of the lease, and then this does nothing.
        boolean over = state instanceof Claimed claimed && claimed.lease().isOver(expire.at());
        return over
                ? new Changed(new Open(state.history()))
                : new Refused(state, Verdict.refused("the lease has not run out"));
    }

    private static TaskTransition claim(TaskState state, Claim claim) {
        if (heldByAnother(state, claim)) {
            return refuse(state, claim, "somebody else is working on it");
        }
        Lease lease =
                state instanceof Claimed claimed && claimed.lease().annotator().equals(claim.annotator())
                        ? claimed.lease().extendedTo(claim.leaseUntil())
                        : new Lease(claim.annotator(), claim.at(), claim.leaseUntil());
        return new Changed(new Claimed(lease, state.history().with(claim, Verdict.ACCEPTED)));
    }

    private static TaskTransition submit(TaskState state, Submit submit) {
        if (heldByAnother(state, submit)) {
            return refuse(state, submit, "your lease ran out and somebody else is working on it");
        }
        TaskHistory history = state.history().with(submit, Verdict.ACCEPTED);
        return new Annotated(new Submitted(submit.annotator(), submit.at(), submit.secondsSpent(), history));
    }

    /** Renewing, skipping, releasing and rejecting are for the one who holds the task. */
    private TaskTransition whileHeld(TaskState state, TaskCommand command) {
        if (!(state instanceof Claimed claimed) || !claimed.lease().annotator().equals(command.annotator())) {
            return refuse(
                    state,
                    command,
                    state instanceof Open
                            ? "your lease ran out"
                            : "your lease ran out and somebody else is working on it");
        }
        if (command instanceof Renew renew) {
            // Not remembered: the end of a lease only moves forward, so a repeated renewal changes nothing.
            return new Changed(new Claimed(claimed.lease().extendedTo(renew.leaseUntil()), state.history()));
        }
        TaskHistory history = state.history().with(command, Verdict.ACCEPTED);
        if (command instanceof Skip skip) {
            TaskHistory skipped = history.withSkipBy(skip.annotator());
            boolean enough = skipped.skippedBy().size() >= maxSkips;
            return new Changed(enough ? new Ended(Ending.SKIPPED, skipped) : new Open(skipped));
        }
        if (command instanceof Release) {
            return new Changed(new Open(history));
        }
        if (command instanceof Reject) {
            return new Changed(new Ended(Ending.REJECTED, history));
        }
        throw new IllegalStateException("no rule for " + command.getClass().getSimpleName());
    }

    private static boolean heldByAnother(TaskState state, TaskCommand command) {
        return state instanceof Claimed claimed
                && !claimed.lease().annotator().equals(command.annotator())
                && !claimed.lease().isOver(command.at());
    }

    private static String endOf(TaskState state) {
        if (state instanceof Ended ended) {
            return switch (ended.why()) {
                case SKIPPED -> "enough people passed on it, so it was closed";
                case REJECTED -> "the image was marked as one that cannot be labelled";
                case WITHDRAWN -> "it was withdrawn";
            };
        }
        return "it already has its annotation";
    }

    private static TaskTransition refuse(TaskState state, TaskCommand command, String reason) {
        Verdict verdict = Verdict.refused(reason);
        TaskHistory history = state.history().with(command, verdict);
        return new Refused(withHistory(state, history), verdict);
    }

    private static TaskState withHistory(TaskState state, TaskHistory history) {
        if (state instanceof Open) {
            return new Open(history);
        }
        if (state instanceof Claimed claimed) {
            return new Claimed(claimed.lease(), history);
        }
        if (state instanceof Submitted submitted) {
            return new Submitted(submitted.annotator(), submitted.at(), submitted.secondsSpent(), history);
        }
        return new Ended(((Ended) state).why(), history);
    }
}
