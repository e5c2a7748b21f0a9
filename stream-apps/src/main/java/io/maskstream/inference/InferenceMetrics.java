package io.maskstream.inference;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The metrics of inference; every name starts with {@code inference.}.
 *
 * <p>Tags come from closed sets, but for {@code version} of {@code inference.model.info}, which has one row at a time.
 */
final class InferenceMetrics {
    final Counter predicted;
    final Counter refusedImages;
    final Counter refusedReleases;
    final Counter batches;
    final DistributionSummary batchSize;
    final Timer decode;
    final Timer queue;
    final Timer run;
    final Timer encode;
    final Timer latency;
    final Counter swaps;
    final Timer swapLatency;
    final Counter committed;
    final Counter aborted;

    private final AtomicInteger paused = new AtomicInteger();
    private final AtomicInteger waitingForModel = new AtomicInteger(1);
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger round = new AtomicInteger();
    private final AtomicInteger fallback = new AtomicInteger();
    private final MultiGauge modelInfo;

    InferenceMetrics(MeterRegistry registry) {
        predicted = Counter.builder("inference.images")
                .description("Images that left the stage, by what became of them")
                .tag("outcome", "predicted")
                .register(registry);
        refusedImages =
                Counter.builder("inference.images").tag("outcome", "refused").register(registry);
        refusedReleases = Counter.builder("inference.releases.refused")
                .description("Model releases that could not serve")
                .register(registry);
        batches = Counter.builder("inference.batches")
                .description("Runs of the model")
                .register(registry);
        batchSize = DistributionSummary.builder("inference.batch.size")
                .description("Images in a run of the model")
                .register(registry);
        decode = stage(registry, "decode");
        queue = stage(registry, "queue");
        run = stage(registry, "run");
        encode = stage(registry, "encode");
        latency = Timer.builder("inference.latency")
                .description("From an image being published to its prediction being sent")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofMinutes(1))
                .register(registry);
        swaps = Counter.builder("inference.swaps")
                .description("Changes of the serving model")
                .register(registry);
        swapLatency = Timer.builder("inference.swap.latency")
                .description("From a release being published to its model serving")
                .register(registry);
        committed = transaction(registry, "committed");
        aborted = transaction(registry, "aborted");
        Gauge.builder("inference.paused", paused, AtomicInteger::get)
                .description("1 while reading is paused because the stage is full")
                .register(registry);
        Gauge.builder("inference.waiting.for.model", waitingForModel, AtomicInteger::get)
                .description("1 while there is no model at all")
                .register(registry);
        Gauge.builder("inference.in.flight", inFlight, AtomicInteger::get)
                .description("Images between being read and being sent")
                .register(registry);
        Gauge.builder("inference.model.round", round, AtomicInteger::get)
                .description("Rounds of learning behind the serving model")
                .register(registry);
        Gauge.builder("inference.form.fallback", fallback, AtomicInteger::get)
                .description("1 while float32 serves because the release lacks the form that is asked for")
                .register(registry);
        modelInfo = MultiGauge.builder("inference.model.info")
                .description("1 for the version and the numeric form that serve")
                .register(registry);
    }

    void formFallback(boolean isFallback) {
        fallback.set(isFallback ? 1 : 0);
    }

    void inFlight(int images) {
        inFlight.set(images);
    }

    void paused(boolean isFull, boolean hasNoModel) {
        paused.set(isFull ? 1 : 0);
        waitingForModel.set(hasNoModel ? 1 : 0);
    }

    void serving(String line, SwapRecord swap) {
        swaps.increment();
        swapLatency.record(swap.latency());
        round.set(swap.round());
        modelInfo.register(
                List.of(MultiGauge.Row.of(
                        Tags.of("line", line, "version", swap.modelVersion(), "form", swap.form()), 1)),
                true);
    }

    private static Timer stage(MeterRegistry registry, String stage) {
        return Timer.builder("inference.stage")
                .description("Where the time of an image goes; queue is the wait for a batch, run the whole batch's")
                .tag("stage", stage)
                .register(registry);
    }

    private static Counter transaction(MeterRegistry registry, String outcome) {
        return Counter.builder("inference.transactions")
                .description("Kafka transactions, by how they ended")
                .tag("outcome", outcome)
                .register(registry);
    }
}
