/**
 * One stage of the loop, or all of them, as a process of its own.
 *
 * <p>Start at {@link io.maskstream.cli.stage.Stage}.
 */
@NullMarked
package io.maskstream.cli.stage;

import org.jspecify.annotations.NullMarked;
