package io.maskstream.labeling;

import io.maskstream.schemas.event.LabelEventKind;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;

/** The names of the label desk's metrics, and nothing else knows them. */
public final class LabelingMetrics {
    /** Tasks at this moment; tag {@code state}: open, claimed. */
    public static final String TASKS = "labeling.tasks";

    /** Age of the oldest open task. */
    public static final String OLDEST = "labeling.oldest.age";

    /** Requests folded from the log; tags {@code kind} and {@code outcome}: accepted, refused, repeated. */
    public static final String REQUESTS = "labeling.requests";

    /** Masks handed in that became annotations. */
    public static final String SUBMITTED = "labeling.annotations";

    /** Working seconds of each annotation, as the page reported them. */
    public static final String SECONDS = "labeling.annotation.work";

    /** Records that were refused and sent to the dead letters. */
    public static final String DEAD_LETTERS = "labeling.dead.letters";

    private final MeterRegistry registry;

    LabelingMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void watch(TaskBoard board, Clock clock) {
        Gauge.builder(TASKS, board, TaskBoard::open)
                .description("Label tasks at this moment.")
                .tag("state", "open")
                .register(registry);
        Gauge.builder(TASKS, board, TaskBoard::claimed)
                .description("Label tasks at this moment.")
                .tag("state", "claimed")
                .register(registry);
        Gauge.builder(OLDEST, board, b -> b.oldestAge(clock.instant()).toMillis() / 1000.0)
                .description("Age of the oldest open label task.")
                .baseUnit("seconds")
                .register(registry);
        registry.counter(SUBMITTED);
        registry.counter(DEAD_LETTERS);
    }

    void request(LabelEventKind kind, String outcome) {
        registry.counter(REQUESTS, "kind", kind.name().toLowerCase(Locale.ROOT), "outcome", outcome)
                .increment();
    }

    void annotated(double secondsSpent) {
        registry.counter(SUBMITTED).increment();
        DistributionSummary.builder(SECONDS)
                .description("Working time of each annotation.")
                .baseUnit("seconds")
                .serviceLevelObjectives(5, 15, 30, 60, 120, 300, 900)
                .register(registry)
                .record(secondsSpent);
    }

    void deadLetter() {
        registry.counter(DEAD_LETTERS).increment();
    }

    /** Returns a duration in seconds. */
    static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
