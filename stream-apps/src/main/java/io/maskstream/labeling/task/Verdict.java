package io.maskstream.labeling.task;

/**
 * The answer to a request about a task.
 *
 * @param accepted whether it was done
 * @param reason why not, in words for the one who asked; empty when it was done
 */
public record Verdict(boolean accepted, String reason) {
    /** It was done. */
    public static final Verdict ACCEPTED = new Verdict(true, "");

    /** Returns a refusal. */
    public static Verdict refused(String reason) {
        return new Verdict(false, reason);
    }
}
