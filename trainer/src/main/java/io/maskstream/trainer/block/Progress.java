package io.maskstream.trainer.block;

/**
 * Where a training is.
 *
 * @param step steps done in this stage, from 0
 * @param steps steps this stage has
 * @param round the round of the loop; 1 offline
 * @param before steps that the networks of this stage had learned for when it began, in earlier rounds of the same method
 */
public record Progress(int step, int steps, int round, long before) {
    public Progress {
        if (step < 0 || steps < 1 || before < 0) {
            throw new IllegalArgumentException(
                    "a stage has at least 1 step and starts at 0, found " + step + "/" + steps + " after " + before);
        }
    }

    /** Says where a stage is whose networks are new. */
    public Progress(int step, int steps, int round) {
        this(step, steps, round, 0);
    }

    /** Returns the share of the stage that is done, in [0, 1]: the clock of learning rates, which start again in every round. */
    public double fraction() {
        return Math.min(1.0, step / (double) steps);
    }

    /** Returns all steps learned for, in lengths of this stage, 0 or more: the clock of ramps, which do not start again. */
    public double age() {
        return (before + step) / (double) steps;
    }

    /** Returns how many optimiser steps the networks will have taken after this one, from 1. */
    public long taken() {
        return before + step + 1;
    }
}
