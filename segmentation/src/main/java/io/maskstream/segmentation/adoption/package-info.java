/**
 * Makes the ONNX file of somebody else's network a trainable model of ours, by reading and changing its graph.
 *
 * <p>Start at {@link io.maskstream.segmentation.adoption.Adoption}, which goes through the steps and writes down what
 * each found and changed. Nothing here needs the trainer: ONNX Runtime is the judge of shapes and sizes.
 */
@NullMarked
package io.maskstream.segmentation.adoption;

import org.jspecify.annotations.NullMarked;
