/**
 * What a learning method is made of.
 *
 * <p>Start at {@link io.maskstream.trainer.block.PseudoLabel}, what is learned from, then at {@link
 * io.maskstream.trainer.block.Recipe}, how blocks become a method. Here are the kinds of block, each with its plain forms; what is more
 * than plain has a room of its own, and no kind knows a room:
 *
 * <ul>
 *   <li>{@code view}: what a network sees, a {@link io.maskstream.trainer.block.View} or {@link io.maskstream.trainer.block.Paste}
 *   <li>{@code label}: what it is told, a {@link io.maskstream.trainer.block.Labeler} or {@link
 *       io.maskstream.trainer.block.Refinement}
 *   <li>{@code loss}: what it makes smaller, a {@link io.maskstream.trainer.block.LossTerm}
 *   <li>{@code feature}: what is changed inside it, a {@link io.maskstream.trainer.block.Perturbation}
 *   <li>{@code auxiliary}: networks that learn beside it, through a {@link io.maskstream.trainer.block.Feed}
 *   <li>{@code round} and {@code pool}: recipes one after the other, and the stored labels that one leaves the next
 * </ul>
 *
 * <p>A block is immutable and owns no native memory; the tensors it is given and makes belong to the step's pointer scope.
 *
 * <p>Shapes: N images, C classes, H rows, W columns. Pictures are {@code [N, 3, H, W]} float32 in [0, 255]; they are normalised
 * just before a network sees them.
 */
@NullMarked
package io.maskstream.trainer.block;

import org.jspecify.annotations.NullMarked;
