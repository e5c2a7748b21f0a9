package io.maskstream.inference;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which release of a model line is to serve, from the records of the models topic.
 *
 * <p>It is the last record of the line with status STARTING or CHAMPION. A later record of a version replaces the earlier
 * one, so a champion that is retired gives way to the one before it, and an older version that is released again as
 * champion serves again (rollback). A release that was refused is passed over until it is released anew.
 */
final class ReleaseLine {
    private final String line;
    private final Map<String, Published> byVersion = new HashMap<>();
    private final Set<Long> refused = new HashSet<>();

    /**
     * A release and where it stands.
     *
     * @param offset of its record on the models topic
     * @param publishedAt when the record was published
     * @param release the release
     */
    record Published(long offset, Instant publishedAt, ModelRelease release) {}

    ReleaseLine(String line) {
        this.line = line;
    }

    /** Takes a release in; those of other lines are ignored. */
    void accept(Published published) {
        if (published.release().getLine().equals(line)) {
            byVersion.put(published.release().getVersion(), published);
        }
    }

    /** Forgets a version, by the key of its records. */
    void remove(String key) {
        if (key.startsWith(line + "/")) {
            byVersion.remove(key.substring(line.length() + 1));
        }
    }

    /** Marks a release as one that cannot serve. */
    void refuse(Published published) {
        refused.add(published.offset());
    }

    /** Returns the releases that may serve, the one to serve first. */
    List<Published> candidates() {
        List<Published> candidates = new ArrayList<>(byVersion.values());
        candidates.removeIf(
                published -> !serves(published.release().getStatus()) || refused.contains(published.offset()));
        candidates.sort(Comparator.comparingLong(Published::offset).reversed());
        return candidates;
    }

    private static boolean serves(ModelStatus status) {
        return status == ModelStatus.STARTING || status == ModelStatus.CHAMPION;
    }
}
