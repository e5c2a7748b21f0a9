package io.maskstream.ingest;

import java.util.ArrayList;
import java.util.List;

/** Counts what becomes of images; told by the publishing thread and by the producer's. */
final class PublishTally {
    private final IngestMetrics metrics;
    private final List<PublishReport.Rejection> rejected = new ArrayList<>();
    private long published;
    private long duplicates;

    PublishTally(IngestMetrics metrics) {
        this.metrics = metrics;
    }

    synchronized void published(long bytes, boolean stored) {
        published++;
        metrics.published.increment();
        metrics.bytes.increment((double) bytes);
        if (stored) {
            metrics.stored.increment();
        }
    }

    synchronized void duplicate() {
        duplicates++;
        metrics.duplicates.increment();
    }

    synchronized void rejected(String name, String cause) {
        rejected.add(new PublishReport.Rejection(name, cause));
        metrics.rejected.increment();
    }

    synchronized PublishReport report() {
        return new PublishReport(published, duplicates, rejected);
    }
}
