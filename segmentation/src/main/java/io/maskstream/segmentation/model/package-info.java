/**
 * The model artefact: an ONNX file that says everything about itself, how it is built, checked and run.
 *
 * <p>Start at {@link io.maskstream.segmentation.model.InferenceModel} to run one, at
 * {@link io.maskstream.segmentation.model.zoo.StartingModels} to build one, at
 * {@link io.maskstream.segmentation.model.PseudoLabelHead} for what a released graph says beside the mask, and at
 * {@link io.maskstream.segmentation.model.GraphRun} to see a graph's inner values. Graphs as data are next door, in
 * {@code io.maskstream.segmentation.graph}.
 */
@NullMarked
package io.maskstream.segmentation.model;

import org.jspecify.annotations.NullMarked;
