/**
 * The command line over the whole system.
 *
 * <p>Start at {@link io.maskstream.cli.Maskstream}; a command is a class in {@code command}, the loop in one process is in
 * {@code loop}.
 */
@NullMarked
package io.maskstream.cli;

import org.jspecify.annotations.NullMarked;
