/**
 * Ways to see a picture: moved, recoloured, and mixed with others.
 *
 * <p>Start at {@link io.maskstream.trainer.block.view.Views}, the two that every method uses, then at {@link
 * io.maskstream.trainer.block.view.CutMix}, where two pictures share one frame. A {@link
 * io.maskstream.trainer.block.view.BoxRule} says where boxes lie; views that choose pixels by their class, as {@link
 * io.maskstream.trainer.block.view.ClassMix}, need labels and are {@link io.maskstream.trainer.block.Paste}s.
 */
@NullMarked
package io.maskstream.trainer.block.view;

import org.jspecify.annotations.NullMarked;
