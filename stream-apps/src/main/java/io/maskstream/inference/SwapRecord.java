package io.maskstream.inference;

import java.time.Duration;
import java.time.Instant;

/**
 * One change of the serving model.
 *
 * @param modelVersion the version that serves since then
 * @param round rounds of learning behind it
 * @param form the numeric form that serves: float32, float16 or int8
 * @param publishedAt when its release was published on the models topic
 * @param servingAt when the first batch could be run by it
 */
public record SwapRecord(String modelVersion, int round, String form, Instant publishedAt, Instant servingAt) {

    /** Returns how long it took from the release to serving, never negative. */
    public Duration latency() {
        Duration latency = Duration.between(publishedAt, servingAt);
        return latency.isNegative() ? Duration.ZERO : latency; // the publisher's clock may be ahead of this one
    }
}
