/**
 * Methods that correct pseudo-labels or keep their bias away from the released head.
 *
 * <p>Start at {@link io.maskstream.trainer.method.refinement.DebiasedSelfTraining}.
 */
@NullMarked
package io.maskstream.trainer.method.refinement;

import org.jspecify.annotations.NullMarked;
