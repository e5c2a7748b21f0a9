/**
 * What happens to features between encoder and decoder.
 *
 * <p>Start at {@link io.maskstream.trainer.block.feature.Checkerboard}, which is a {@link
 * io.maskstream.trainer.block.Perturbation} and the loss that goes with it.
 */
@NullMarked
package io.maskstream.trainer.block.feature;

import org.jspecify.annotations.NullMarked;
