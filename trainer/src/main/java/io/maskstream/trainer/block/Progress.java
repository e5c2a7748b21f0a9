package io.maskstream.trainer.block;

/**
 * Where a training is.
 *
 * @param step steps done in this stage, from 0
 * @param steps steps this stage has
 * @param round the round of the loop; 1 offline
 */
public record Progress(int step, int steps, int round) {
    public Progress {
        if (step < 0 || steps < 1) {
            throw new IllegalArgumentException(
                    "a stage has at least 1 step and starts at 0, found " + step + "/" + steps);
        }
    }

    /** Returns the share of the stage that is done, in [0, 1]. */
    public double fraction() {
        return Math.min(1.0, step / (double) steps);
    }
}
