/**
 * ONNX graphs as data: read, asked, written and cut. Nothing here knows pictures, metadata or a runtime.
 *
 * <p>Start at {@link io.maskstream.segmentation.graph.GraphView} for what can be asked of a graph, at
 * {@link io.maskstream.segmentation.graph.GraphBuilder} to write one, and at
 * {@link io.maskstream.segmentation.graph.Rewiring} to change who reads what. What a graph means as a model is in
 * {@code io.maskstream.segmentation.model}.
 */
@NullMarked
package io.maskstream.segmentation.graph;

import org.jspecify.annotations.NullMarked;
