/** A class for each command of the command line; what a command does lives elsewhere. */
@NullMarked
package io.maskstream.cli.command;

import org.jspecify.annotations.NullMarked;
