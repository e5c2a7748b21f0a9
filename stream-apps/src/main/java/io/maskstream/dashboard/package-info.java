/**
 * The page that shows the loop moving: what flows on every edge, how good the model is against people, what was decided
 * last and why, and what a silent stage waits for.
 *
 * <p>It only looks: it joins no consumer group, commits nothing and writes nothing. Start at {@link
 * io.maskstream.dashboard.LoopState} for what is kept of the events (pure, bounded), then {@link
 * io.maskstream.dashboard.LoopView} for the consumer that feeds it and {@link io.maskstream.dashboard.LoopRoutes} for the
 * HTTP API. The page itself is under {@code /web/loop} on the class path.
 */
@NullMarked
package io.maskstream.dashboard;

import org.jspecify.annotations.NullMarked;
