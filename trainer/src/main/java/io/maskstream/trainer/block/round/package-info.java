/**
 * The stages of a round, for methods that train more than once.
 *
 * <p>Start at {@link io.maskstream.trainer.block.round.RoundPlan}, which says after each {@link
 * io.maskstream.trainer.block.round.Stage} what comes next, and reads in {@link io.maskstream.trainer.block.round.Round} what
 * has been. The others are what it chooses by: images held out or ranked, and how networks look at them.
 */
@NullMarked
package io.maskstream.trainer.block.round;

import org.jspecify.annotations.NullMarked;
