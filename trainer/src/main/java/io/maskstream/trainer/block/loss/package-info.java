/**
 * What a network learns from labels beyond {@link io.maskstream.trainer.block.LossTerm}'s own terms: from other networks,
 * features, and its worst case.
 *
 * <p>Start at {@link io.maskstream.trainer.block.loss.Divergence}; {@link io.maskstream.trainer.block.loss.PixelContrast} shows
 * how a term reads features in place of class scores.
 */
@NullMarked
package io.maskstream.trainer.block.loss;

import org.jspecify.annotations.NullMarked;
