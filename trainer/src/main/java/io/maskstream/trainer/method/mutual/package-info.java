/**
 * Methods in which networks, or heads of one network, teach each other.
 *
 * <p>Start at {@link io.maskstream.trainer.method.mutual.CrossPseudoSupervision}.
 */
@NullMarked
package io.maskstream.trainer.method.mutual;

import org.jspecify.annotations.NullMarked;
