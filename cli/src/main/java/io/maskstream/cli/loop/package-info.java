/**
 * The whole loop in one process: composed, driven and accounted for.
 *
 * <p>Start at {@link io.maskstream.cli.loop.LoopLedger} for how
 * it is proven that nothing is lost.
 */
@NullMarked
package io.maskstream.cli.loop;

import org.jspecify.annotations.NullMarked;
