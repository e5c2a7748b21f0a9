package io.maskstream.trainer.method;

import io.maskstream.trainer.block.ClassWeights;

/**
 * What a user may set on a method; a method takes what it knows.
 *
 * @param classes what an annotated pixel of each class counts for
 * @param threshold confidence from which a pseudo-label counts, in [0, 1]
 * @param unlabelledWeight weight of the unlabelled loss at the end of its ramp
 * @param teacherDecay decay of the moving average of weights, in [0, 1)
 */
public record MethodSettings(ClassWeights classes, double threshold, double unlabelledWeight, double teacherDecay) {}
