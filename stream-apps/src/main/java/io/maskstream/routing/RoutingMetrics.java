package io.maskstream.routing;

import io.maskstream.schemas.event.Decision;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Reason;
import io.maskstream.schemas.event.Route;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The names of routing's metrics, and nothing else knows them.
 *
 * <p>Counters count what was processed; after a crash a transaction is processed again, so they can exceed the records on
 * the topics, which are exact.
 */
public final class RoutingMetrics {
    /** Decisions; tags {@code route} and {@code reason}. */
    public static final String DECISIONS = "routing.decisions";

    /** Predictions of images that were decided before, and were ignored. */
    public static final String DUPLICATES = "routing.duplicates";

    /** Annotations; tag {@code outcome}: sampled, unchanged, rejected. */
    public static final String ANNOTATIONS = "routing.annotations";

    /** Training samples; tag {@code origin}: human, pseudo. */
    public static final String SAMPLES = "routing.samples";

    /** Records that were refused and sent to the dead letters. */
    public static final String DEAD_LETTERS = "routing.dead.letters";

    /** Policies that arrived; tag {@code outcome}: obeyed, refused. */
    public static final String POLICIES = "routing.policies";

    /** Label tasks that the budget would pay for now, over the partitions of this process. */
    public static final String TOKENS = "routing.budget.tokens";

    /** Time from the prediction to the decision. */
    public static final String DELAY = "routing.delay";

    /** Records that wait on the input topics; registered by {@link io.maskstream.service.StreamsProcess}. */
    public static final String LAG = RoutingApp.NAME + ".lag";

    /** 1 while records are processed, else 0; registered by {@link io.maskstream.service.StreamsProcess}. */
    public static final String UP = RoutingApp.NAME + ".up";

    private final MeterRegistry registry;
    private final Timer delay;
    private final Map<Integer, Double> tokens = new ConcurrentHashMap<>();

    /** What became of an annotation. */
    enum AnnotationOutcome {
        SAMPLED,
        UNCHANGED,
        REJECTED
    }

    RoutingMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.delay = Timer.builder(DELAY)
                .description("Time from the prediction to the decision.")
                .publishPercentileHistogram()
                .register(registry);
        Gauge.builder(TOKENS, tokens, RoutingMetrics::sum)
                .description("Label tasks that the budget would pay for now.")
                .register(registry);
        duplicates();
        deadLetters();
        for (AnnotationOutcome outcome : AnnotationOutcome.values()) {
            annotations(outcome);
        }
        for (Origin origin : Origin.values()) {
            samples(origin);
        }
        policies("obeyed");
        policies("refused");
        for (Reason reason : Reason.values()) {
            if (reason != Reason.SEED) {
                decisions(routeOf(reason), reason);
            }
        }
    }

    private static double sum(Map<Integer, Double> values) {
        return values.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private static Route routeOf(Reason reason) {
        return switch (reason) {
            case CONFIDENT -> Route.LEARN;
            case UNDECIDED, OVER_BUDGET, NO_CHAMPION -> Route.SET_ASIDE;
            case UNCERTAIN, AUDIT, RANDOM_ARM, EVALUATION, COLD_START, SEED -> Route.ASK_PERSON;
        };
    }

    private Counter decisions(Route route, Reason reason) {
        return registry.counter(DECISIONS, "route", lower(route), "reason", lower(reason));
    }

    private Counter duplicates() {
        return registry.counter(DUPLICATES);
    }

    private Counter deadLetters() {
        return registry.counter(DEAD_LETTERS);
    }

    private Counter annotations(AnnotationOutcome outcome) {
        return registry.counter(ANNOTATIONS, "outcome", lower(outcome));
    }

    private Counter samples(Origin origin) {
        return registry.counter(SAMPLES, "origin", lower(origin));
    }

    private Counter policies(String outcome) {
        return registry.counter(POLICIES, "outcome", outcome);
    }

    void decided(Decision decision, long nowMillis) {
        decisions(decision.getRoute(), decision.getReason()).increment();
        delay.record(Math.max(0, nowMillis - decision.getDecidedAt().toEpochMilli()), TimeUnit.MILLISECONDS);
    }

    void duplicate() {
        duplicates().increment();
    }

    void annotated(AnnotationOutcome outcome) {
        annotations(outcome).increment();
    }

    void sampled(Origin origin) {
        samples(origin).increment();
    }

    void refused() {
        deadLetters().increment();
    }

    void policy(boolean obeyed) {
        policies(obeyed ? "obeyed" : "refused").increment();
    }

    void tokens(int partition, double level) {
        tokens.put(partition, level);
    }

    void forget(int partition) {
        tokens.remove(partition);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
