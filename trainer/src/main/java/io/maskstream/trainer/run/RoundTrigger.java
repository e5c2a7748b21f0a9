package io.maskstream.trainer.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a round starts; pure.
 *
 * @param annotations new ones that start a round
 * @param maxInterval after which a round starts with fewer
 * @param debounce quiet time that a round waits for, at most ten times as long
 * @param cooldown least time after a round
 * @param minEvaluation images the evaluation split must hold
 */
record RoundTrigger(int annotations, Duration maxInterval, Duration debounce, Duration cooldown, int minEvaluation) {
    private static final int PATIENCE = 10;

    /** Why a round starts. */
    enum Cause {
        HAND,
        COUNT,
        TIME
    }

    /**
     * What the decision depends on.
     *
     * @param requested whether somebody asked for a round
     * @param labelled annotations for training
     * @param evaluation annotations of the evaluation split
     * @param fresh annotations that no round has learned from
     * @param firstFresh when the first of them came; null if there is none
     * @param lastFresh when the last of them came; null if there is none
     * @param lastRound when the last round ended; null before the first
     */
    record State(
            boolean requested,
            int labelled,
            int evaluation,
            int fresh,
            @Nullable Instant firstFresh,
            @Nullable Instant lastFresh,
            @Nullable Instant lastRound) {}

    /** Returns why a round starts now, or nothing. */
    Optional<Cause> decide(State state, Instant now) {
        if (state.labelled() == 0 || state.evaluation() < minEvaluation) {
            return Optional.empty();
        }
        if (state.requested()) {
            return Optional.of(Cause.HAND);
        }
        Instant first = state.firstFresh();
        Instant last = state.lastFresh();
        if (state.fresh() == 0 || first == null || last == null) {
            return Optional.empty();
        }
        Instant ended = state.lastRound();
        if (ended != null && now.isBefore(ended.plus(cooldown))) {
            return Optional.empty();
        }
        boolean quiet = !now.isBefore(last.plus(debounce));
        boolean waited = !now.isBefore(first.plus(debounce.multipliedBy(PATIENCE)));
        if (state.fresh() >= annotations && (quiet || waited)) {
            return Optional.of(Cause.COUNT);
        }
        Instant since = ended == null || ended.isBefore(first) ? first : ended;
        return now.isBefore(since.plus(maxInterval)) ? Optional.empty() : Optional.of(Cause.TIME);
    }
}
