/**
 * The blocks that learning methods are composed of.
 *
 * <p>Start at {@link io.maskstream.trainer.block.PseudoLabel}, what is learned from, then at {@link
 * io.maskstream.trainer.block.Recipe}, how blocks become a method. A block is immutable and owns no native memory; the tensors it
 * is given and makes belong to the step's pointer scope.
 *
 * <p>Shapes: N images, C classes, H rows, W columns. Pictures are {@code [N, 3, H, W]} float32 in [0, 255]; they are normalised
 * just before a network sees them.
 */
@NullMarked
package io.maskstream.trainer.block;

import org.jspecify.annotations.NullMarked;
