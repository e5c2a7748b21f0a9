package io.maskstream.ingest;

import java.util.List;

/**
 * What became of the images that were to be published.
 *
 * @param published events that the brokers acknowledged
 * @param duplicates images whose bytes were published before, in this run or an earlier one
 * @param rejected images that were not published, each with its cause
 */
public record PublishReport(long published, long duplicates, List<Rejection> rejected) {

    /**
     * One image that was not published.
     *
     * @param file its path or name
     * @param cause what was wrong with it
     */
    public record Rejection(String file, String cause) {}

    public PublishReport {
        rejected = List.copyOf(rejected);
    }

    /** Returns how many images were looked at. */
    public long seen() {
        return published + duplicates + rejected.size();
    }
}
