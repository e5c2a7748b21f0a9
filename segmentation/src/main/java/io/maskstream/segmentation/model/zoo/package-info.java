/**
 * The architectures that a line can start from, built as ONNX graphs with fresh weights.
 *
 * <p>Start at {@link io.maskstream.segmentation.model.zoo.StartingModels} for which there are; an architecture is one small
 * class over the layers of {@link io.maskstream.segmentation.model.zoo.Layers}.
 */
@NullMarked
package io.maskstream.segmentation.model.zoo;

import org.jspecify.annotations.NullMarked;
