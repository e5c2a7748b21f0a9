package io.maskstream.trainer.run;

import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.Origin;
import io.maskstream.schemas.event.Split;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What the train loop tells its meters. */
final class RoundMetrics {
    private final MeterRegistry registry;
    private final Timer step;
    private final Timer round;
    private volatile double loss = Double.NaN;
    private volatile int iteration;
    private volatile double progress;
    private volatile double championMiou = Double.NaN;
    private volatile int lastRound;

    RoundMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.step =
                Timer.builder(TrainerMetrics.STEP).publishPercentiles(0.5, 0.9).register(registry);
        this.round = registry.timer(TrainerMetrics.ROUND_TIME);
        Gauge.builder(TrainerMetrics.LOSS, this, m -> m.loss).register(registry);
        Gauge.builder(TrainerMetrics.ITERATION, this, m -> m.iteration).register(registry);
        Gauge.builder(TrainerMetrics.PROGRESS, this, m -> m.progress).register(registry);
        Gauge.builder(TrainerMetrics.CHAMPION_MIOU, this, m -> m.championMiou).register(registry);
        Gauge.builder(TrainerMetrics.ROUND, this, m -> m.lastRound).register(registry);
        for (String status : List.of("champion", "rejected", "failed")) {
            rounds(status).increment(0);
        }
        registry.counter(TrainerMetrics.DEAD_LETTERS).increment(0);
    }

    void watch(SamplePool pool) {
        for (Split split : Split.values()) {
            for (Origin origin : Origin.values()) {
                Gauge.builder(TrainerMetrics.SAMPLES, pool, p -> p.count(split, origin))
                        .tags(Tags.of(TrainerMetrics.ORIGIN, lower(origin), TrainerMetrics.SPLIT, lower(split)))
                        .register(registry);
            }
        }
    }

    void stepped(int done, int steps, double newLoss, long nanos) {
        loss = newLoss;
        iteration = done;
        progress = (double) done / steps;
        step.record(nanos, TimeUnit.NANOSECONDS);
    }

    void serving(ModelRelease release) {
        ModelMetrics metrics = release.getMetrics();
        championMiou = metrics == null ? Double.NaN : metrics.getMiou();
    }

    void released(ModelRelease release, long nanos) {
        rounds(lower(release.getStatus())).increment();
        round.record(nanos, TimeUnit.NANOSECONDS);
        lastRound = release.getRound();
        if (release.getStatus() == ModelStatus.CHAMPION) {
            serving(release);
        }
        idle();
    }

    void failed() {
        rounds("failed").increment();
        idle();
    }

    void refused() {
        registry.counter(TrainerMetrics.DEAD_LETTERS).increment();
    }

    private void idle() {
        iteration = 0;
        progress = 0;
    }

    private Counter rounds(String status) {
        return registry.counter(TrainerMetrics.ROUNDS, TrainerMetrics.STATUS, status);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
