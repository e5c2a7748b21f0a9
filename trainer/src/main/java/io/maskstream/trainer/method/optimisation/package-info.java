/**
 * Methods that weigh precision against coverage of pseudo-labels in the loss.
 *
 * <p>Start at {@link io.maskstream.trainer.method.optimisation.ConservativeProgressive}.
 */
@NullMarked
package io.maskstream.trainer.method.optimisation;

import org.jspecify.annotations.NullMarked;
