/**
 * How good a model is, on annotations it never learned from, and whether it may serve.
 *
 * <p>Start at {@link io.maskstream.trainer.evaluation.Evaluation}; the gate, the command line and the loop all take their
 * figures from it.
 */
@NullMarked
package io.maskstream.trainer.evaluation;

import org.jspecify.annotations.NullMarked;
