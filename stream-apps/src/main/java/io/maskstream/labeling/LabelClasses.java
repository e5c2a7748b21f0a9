package io.maskstream.labeling;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import java.util.List;

/**
 * The classes that people label with: those of the configuration, or else those of the last release of the line that may serve. Safe for use
 * from several threads.
 */
final class LabelClasses {
    private final String line;
    private final List<String> configured;
    private volatile List<String> names;

    LabelClasses(String line, List<String> configured) {
        this.line = line;
        this.configured = configured;
        this.names = configured;
    }

    /** Returns the class names, index = class id; empty while they are not known. */
    List<String> names() {
        return names;
    }

    /** Takes note of a release, in the order of the log; one that never serves, or of another line, changes nothing. */
    void released(ModelRelease release) {
        boolean serves = release.getStatus() == ModelStatus.STARTING || release.getStatus() == ModelStatus.CHAMPION;
        if (serves && release.getLine().equals(line) && configured.isEmpty()) {
            names = List.copyOf(release.getClasses());
        }
    }
}
