package io.maskstream.routing;

/**
 * The two scores that decide.
 *
 * @param learnAtMost at or below it an image is certain
 * @param askAtLeast at or above it an image is uncertain; this one is asked first where quantiles coincide
 */
record Thresholds(double learnAtMost, double askAtLeast) {
    /** Where too few scores were seen: no score, being in [0, 1], is certain or uncertain. */
    static final Thresholds NONE = new Thresholds(-1, 2);
}
