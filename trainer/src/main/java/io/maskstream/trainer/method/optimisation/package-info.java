/**
 * Methods whose idea is the loss, or how labels are put to use: what weighs precision against coverage of pseudo-labels.
 *
 * <p>Start at {@link io.maskstream.trainer.method.optimisation.PerturbedMeanTeachers}.
 */
@NullMarked
package io.maskstream.trainer.method.optimisation;

import org.jspecify.annotations.NullMarked;
