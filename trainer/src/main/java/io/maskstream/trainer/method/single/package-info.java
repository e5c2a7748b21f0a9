/**
 * Methods in which one model teaches itself.
 *
 * <p>Start at {@link io.maskstream.trainer.method.single.PseudoLabelling}.
 */
@NullMarked
package io.maskstream.trainer.method.single;

import org.jspecify.annotations.NullMarked;
