package io.maskstream.cli.loop;

import io.maskstream.schemas.event.GateVerdict;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.trainer.release.ModelRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Looks at what the trainer releases, tells each release once, and asks for a round when none comes by itself. */
final class RoundWatch {
    private static final long EVERY_NANOS = 1_500_000_000L;

    private final LoopProcess loop;
    private final LoopConsole console;
    private final Set<String> told = new HashSet<>();
    private List<ModelRelease> last = List.of();
    private long lookedAt;
    private int askedAfter = -1;

    RoundWatch(LoopProcess loop, LoopConsole console) {
        this.loop = loop;
        this.console = console;
    }

    /** Returns the releases of the line; reads the topic at most every second and a half. */
    List<ModelRelease> look() {
        long now = System.nanoTime();
        if (lookedAt != 0 && now - lookedAt < EVERY_NANOS) {
            return last;
        }
        lookedAt = now;
        last = ReleaseHistory.releases(
                loop.connection(), loop.topics(), loop.settings().trainer().line());
        for (ModelRelease release : last) {
            if (told.add(release.getVersion())) {
                tell(release);
            }
        }
        return last;
    }

    /** Returns how many rounds have ended, in a champion or in a rejection. */
    int finished() {
        return (int) last.stream().filter(release -> release.getRound() > 0).count();
    }

    /** Returns the version that is to serve, as of the last look. */
    String serving() {
        return ModelRegistry.serving(last)
                .map(ModelRelease::getVersion)
                .orElseThrow(() -> new IllegalStateException("the line has no release"));
    }

    /** Asks the trainer for a round, once for each that has ended. */
    void askForOne() {
        if (askedAfter < finished()) {
            askedAfter = finished();
            loop.trainer().requestRound();
        }
    }

    private void tell(ModelRelease release) {
        if (release.getRound() == 0) {
            console.say("The model before any learning serves: " + release.getVersion());
            return;
        }
        GateVerdict gate = release.getGate();
        console.say("Round " + release.getRound() + ", " + release.getLabels() + " labels: " + Demo.describe(release)
                + (gate == null ? "" : "; " + gate.getExplanation()));
    }
}
