/**
 * Networks that learn: an ONNX graph run node by node on libtorch, with gradients.
 *
 * <p>Start at {@link io.maskstream.trainer.network.SegmentationNetwork} for what a method may ask of a network, then at
 * {@link io.maskstream.trainer.network.GraphNetwork}.
 */
@NullMarked
package io.maskstream.trainer.network;

import org.jspecify.annotations.NullMarked;
