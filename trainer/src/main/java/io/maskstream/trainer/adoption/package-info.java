/**
 * Brings a foreign network in: adopts its graph, proves that libtorch computes what ONNX Runtime computes, and reports.
 *
 * <p>Start at {@link io.maskstream.trainer.adoption.ModelImport}.
 */
@NullMarked
package io.maskstream.trainer.adoption;

import org.jspecify.annotations.NullMarked;
