package io.maskstream.labeling;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The settings of the label desk, read once in {@code main}.
 *
 * @param applicationId {@code labeling.application-id}: names the consumer group, the transactions and the internal topics
 * @param line {@code labeling.line}: the model line whose class names are shown
 * @param stateDir {@code labeling.state-dir}: where the task states are kept between starts
 * @param lease {@code labeling.lease}: how long an annotator holds a task before it must be renewed, 1 s or more
 * @param maxSkips {@code labeling.max-skips}: how many people may pass on a task before it ends without an annotation, at least 1
 * @param expiryCheck {@code labeling.expiry-check}: how often leases that ran out are looked for
 * @param answerTimeout {@code labeling.answer-timeout}: how long a request waits for the log before it is told to ask again
 * @param commitInterval {@code labeling.commit-interval}: how often the stream commits; annotations become visible with it
 * @param maxImagePixels {@code labeling.max-image-pixels}: the most pixels of an image or a mask that is read, at least 1
 * @param classes {@code labeling.classes}: class names, index = class id; empty takes them from the newest model that serves
 * @param palette {@code labeling.palette}: a colour {@code #rrggbb} per class; where it ends, bright distinct ones follow
 */
public record LabelingConfig(
        String applicationId,
        String line,
        Path stateDir,
        Duration lease,
        int maxSkips,
        Duration expiryCheck,
        Duration answerTimeout,
        Duration commitInterval,
        long maxImagePixels,
        List<String> classes,
        List<String> palette) {
    private static final Pattern COLOUR = Pattern.compile("#[0-9a-fA-F]{6}");

    public LabelingConfig {
        classes = List.copyOf(classes);
        palette = List.copyOf(palette);
        List<String> problems = new ArrayList<>();
        if (applicationId.isBlank()) {
            problems.add("labeling.application-id is empty: expected a name such as maskstream-labeling");
        }
        if (line.isBlank()) {
            problems.add("labeling.line is empty: expected the name of a model line");
        }
        atLeast(problems, "lease", lease, Duration.ofSeconds(1));
        atLeast(problems, "expiry-check", expiryCheck, Duration.ofMillis(10));
        atLeast(problems, "answer-timeout", answerTimeout, Duration.ofMillis(100));
        atLeast(problems, "commit-interval", commitInterval, Duration.ofMillis(1));
        if (maxSkips < 1) {
            problems.add("labeling.max-skips is " + maxSkips + ": expected at least 1");
        }
        if (maxImagePixels < 1) {
            problems.add("labeling.max-image-pixels is " + maxImagePixels + ": expected at least 1");
        }
        if (classes.size() > 255) {
            problems.add("labeling.classes names " + classes.size() + " classes: expected at most 255");
        }
        if (new HashSet<>(classes).size() < classes.size()) {
            problems.add("labeling.classes names a class twice: " + classes);
        }
        for (String colour : palette) {
            if (!COLOUR.matcher(colour).matches()) {
                problems.add("labeling.palette holds '" + colour + "': expected a colour such as #804000");
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    private static void atLeast(List<String> problems, String key, Duration value, Duration least) {
        if (value.compareTo(least) < 0) {
            problems.add("labeling." + key + " is " + value + ": expected " + least + " or more");
        }
    }

    /** Returns the settings that hold unless configured. */
    public static LabelingConfig defaults() {
        return new LabelingConfig(
                "maskstream-labeling",
                "main",
                Path.of("data", "labeling"),
                Duration.ofMinutes(10),
                3,
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofMillis(100),
                100_000_000L,
                List.of(),
                List.of());
    }

    /** Returns the same settings with the state in another directory. */
    public LabelingConfig withStateDir(Path directory) {
        return new LabelingConfig(
                applicationId,
                line,
                directory,
                lease,
                maxSkips,
                expiryCheck,
                answerTimeout,
                commitInterval,
                maxImagePixels,
                classes,
                palette);
    }

    /** Returns the same settings with a lease of another length. */
    public LabelingConfig withLease(Duration length, Duration check) {
        return new LabelingConfig(
                applicationId,
                line,
                stateDir,
                length,
                maxSkips,
                check,
                answerTimeout,
                commitInterval,
                maxImagePixels,
                classes,
                palette);
    }
}
