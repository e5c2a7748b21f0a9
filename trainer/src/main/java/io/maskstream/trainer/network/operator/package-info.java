/**
 * The ONNX operators that can be trained through, each as a call of libtorch.
 *
 * <p>Start at {@link io.maskstream.trainer.network.operator.Operators} for which there are; a family of operators is one
 * class. ONNX Runtime is the oracle: a test runs every operator on both.
 */
@NullMarked
package io.maskstream.trainer.network.operator;

import org.jspecify.annotations.NullMarked;
