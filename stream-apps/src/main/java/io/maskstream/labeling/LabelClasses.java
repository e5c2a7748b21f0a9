package io.maskstream.labeling;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The classes that people label with: those of the configuration, or else those of the newest release of the line that may serve. Safe for use
 * from several threads.
 */
final class LabelClasses {
    private final String line;
    private final List<String> configured;
    private volatile List<String> names;
    private @Nullable ModelRelease newest;

    LabelClasses(String line, List<String> configured) {
        this.line = line;
        this.configured = configured;
        this.names = configured;
    }

    /** Returns the class names, index = class id; empty while they are not known. */
    List<String> names() {
        return names;
    }

    /** Takes note of a release; one that is older than the newest, or that never serves, changes nothing. */
    synchronized void released(ModelRelease release) {
        boolean serves = release.getStatus() == ModelStatus.STARTING || release.getStatus() == ModelStatus.CHAMPION;
        if (!serves
                || !release.getLine().equals(line)
                || (newest != null && release.getReleasedAt().isBefore(newest.getReleasedAt()))) {
            return;
        }
        newest = release;
        if (configured.isEmpty()) {
            names = List.copyOf(release.getClasses());
        }
    }
}
