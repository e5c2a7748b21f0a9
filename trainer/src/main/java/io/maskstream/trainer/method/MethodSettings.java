package io.maskstream.trainer.method;

/**
 * What a user may set on a method; a method takes what it knows.
 *
 * @param classes how many there are
 * @param threshold confidence from which a pseudo-label counts, in [0, 1]
 * @param unlabelledWeight weight of the unlabelled loss at the end of its ramp
 * @param teacherDecay decay of the moving average of weights, in [0, 1)
 */
public record MethodSettings(int classes, double threshold, double unlabelledWeight, double teacherDecay) {}
