package io.maskstream.labeling.task;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a task remembers of earlier requests.
 *
 * @param answered the last {@value #MAX_ANSWERED} requests and their verdicts, oldest first, so that a repeated request gets
 *     the first answer and changes nothing
 * @param skippedBy who passed on the task, each once
 */
public record TaskHistory(List<Answered> answered, List<String> skippedBy) {
    /** How many requests are remembered; a request is repeated within seconds, so few are enough. */
    public static final int MAX_ANSWERED = 32;

    /** The history of a task that nobody asked about. */
    public static final TaskHistory NONE = new TaskHistory(List.of(), List.of());

    public TaskHistory {
        answered = List.copyOf(answered);
        skippedBy = List.copyOf(skippedBy);
    }

    /** One request and its verdict. */
    public record Answered(String requestId, String annotator, Verdict verdict) {}

    /** Returns the verdict on a request that was answered before, or null. */
    public @Nullable Verdict verdictOn(String annotator, String requestId) {
        for (Answered past : answered) {
            if (past.requestId().equals(requestId) && past.annotator().equals(annotator)) {
                return past.verdict();
            }
        }
        return null;
    }

    TaskHistory with(TaskCommand command, Verdict verdict) {
        List<Answered> more = new ArrayList<>(answered);
        more.add(new Answered(command.requestId(), command.annotator(), verdict));
        return new TaskHistory(more.subList(Math.max(0, more.size() - MAX_ANSWERED), more.size()), skippedBy);
    }

    TaskHistory withSkipBy(String annotator) {
        if (skippedBy.contains(annotator)) {
            return this;
        }
        List<String> more = new ArrayList<>(skippedBy);
        more.add(annotator);
        return new TaskHistory(answered, more);
    }
}
