package io.maskstream.dashboard;

import io.maskstream.dashboard.LoopSnapshot.Lag;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The names of the loop page's metrics: what one process sees of all stages. */
final class DashboardMetrics {
    /** Gauge, tags {@code topic} and {@code group}: records that a consumer group has still to read. */
    static final String LAG = "loop.lag";

    /** Counter, tag {@code topic}: records seen, those found at start among them. */
    static final String RECORDS = "loop.records";

    /** Gauge: label tasks that wait for a person. */
    static final String OPEN_TASKS = "loop.tasks.open";

    private final MeterRegistry registry;
    private final MultiGauge lag;

    DashboardMetrics(MeterRegistry registry, LoopState state, Collection<String> topics) {
        this.registry = registry;
        this.lag = MultiGauge.builder(LAG)
                .description("Records that a consumer group has still to read")
                .register(registry);
        // A counter that starts with its first record hides that record from Prometheus' increase().
        topics.forEach(topic -> registry.counter(RECORDS, "topic", topic));
        registry.gauge(OPEN_TASKS, state, LoopState::openTasks);
    }

    void seen(String topic, long records) {
        registry.counter(RECORDS, "topic", topic).increment((double) records);
    }

    void lags(Map<String, List<Lag>> byTopic) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        byTopic.forEach((topic, lags) -> lags.forEach(one -> {
            double records = one.records();
            rows.add(MultiGauge.Row.of(Tags.of("topic", topic, "group", one.group()), records));
        }));
        lag.register(rows, true);
    }
}
