/**
 * Networks that learn beside a segmentation network and judge or correct what it says. None of them is released.
 *
 * <p>Start at {@link io.maskstream.trainer.block.auxiliary.ErrorLocalisation}. A class holds one family whole: the network, what
 * it reads, what it learns, and the labels that it helps to make.
 */
@NullMarked
package io.maskstream.trainer.block.auxiliary;

import org.jspecify.annotations.NullMarked;
