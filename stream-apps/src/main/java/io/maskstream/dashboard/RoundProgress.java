package io.maskstream.dashboard;

/**
 * What the trainer does now, told by who runs it in the same process.
 *
 * @param round number of the round
 * @param phase what it does, in a word or two
 * @param share of the phase that is done, in [0, 1]
 */
public record RoundProgress(int round, String phase, double share) {
    public RoundProgress {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("the progress of a round is a share in [0, 1], not " + share);
        }
    }
}
