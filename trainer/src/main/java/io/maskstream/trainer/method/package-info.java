/**
 * The learning methods that a configuration can name, each in a package of its family.
 *
 * <p>Start at {@link io.maskstream.trainer.method.Methods}; a method composes the blocks of {@code block} and has no loop of
 * its own.
 */
@NullMarked
package io.maskstream.trainer.method;

import org.jspecify.annotations.NullMarked;
