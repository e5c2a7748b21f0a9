package io.maskstream.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** The metrics of ingest: {@code ingest.images} by outcome, {@code ingest.bytes} and {@code ingest.stored.images}. */
final class IngestMetrics {
    final Counter published;
    final Counter duplicates;
    final Counter rejected;
    final Counter bytes;
    final Counter stored;

    IngestMetrics(MeterRegistry registry) {
        published = outcome(registry, "published");
        duplicates = outcome(registry, "duplicate");
        rejected = outcome(registry, "rejected");
        bytes = Counter.builder("ingest.bytes")
                .description("Encoded bytes of the published images")
                .baseUnit("bytes")
                .register(registry);
        stored = Counter.builder("ingest.stored.images")
                .description("Published images that travel by reference into the content store")
                .register(registry);
    }

    private static Counter outcome(MeterRegistry registry, String outcome) {
        return Counter.builder("ingest.images")
                .description("Images that were to be published, by what became of them")
                .tag("outcome", outcome)
                .register(registry);
    }
}
