package io.maskstream.ingest;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells files that are fully written from those that still grow: a file has settled when its size and time of change have
 * been the same for a while.
 */
final class SettledFiles {
    private final Duration settleTime;
    private final Map<Path, Sighting> seen = new HashMap<>();

    /**
     * A file as it was found.
     *
     * @param path the file
     * @param size in bytes
     * @param modified when it was last changed
     */
    record Found(Path path, long size, Instant modified) {}

    private record Sighting(Found found, Instant since) {}

    SettledFiles(Duration settleTime) {
        this.settleTime = settleTime;
    }

    /** Takes what a look at the folder found, and returns the files that have settled by now, oldest change first. */
    List<Found> settled(Collection<Found> all, Instant now) {
        List<Found> settled = new ArrayList<>();
        Map<Path, Sighting> next = new HashMap<>();
        for (Found found : all) {
            Sighting before = seen.get(found.path());
            Instant since = before != null && before.found().equals(found) ? before.since() : now;
            next.put(found.path(), new Sighting(found, since));
            if (!since.plus(settleTime).isAfter(now)) {
                settled.add(found);
            }
        }
        seen.clear();
        seen.putAll(next);
        settled.sort((a, b) -> a.modified().equals(b.modified())
                ? a.path().compareTo(b.path())
                : a.modified().compareTo(b.modified()));
        return settled;
    }
}
