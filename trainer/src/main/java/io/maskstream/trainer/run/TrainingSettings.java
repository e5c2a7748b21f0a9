package io.maskstream.trainer.run;

import io.maskstream.segmentation.model.ModelInput;

/**
 * How a round plan is run.
 *
 * @param iterations optimiser steps of all stages
 * @param batch labelled images a step, and as many unlabelled ones
 * @param learningRate peak of the schedule
 * @param headLearningRate how many times faster the last layers learn
 * @param gradientClip the largest norm of all gradients of a network together; 0 leaves them as they are
 * @param seed of order and augmentation
 * @param round the round of the loop; 1 offline
 * @param input how pictures become the network's input
 */
record TrainingSettings(
        int iterations,
        int batch,
        double learningRate,
        double headLearningRate,
        double gradientClip,
        long seed,
        int round,
        ModelInput input) {
    /** Of weights, not of biases; small, as the trainings are short. */
    static final double WEIGHT_DECAY = 1e-2;

    /** Share of a stage in which the learning rate rises. */
    static final double WARM_UP = 0.05;

    /** Share of the peak that is left of the learning rate at the end. */
    static final double FLOOR = 0.01;
}
