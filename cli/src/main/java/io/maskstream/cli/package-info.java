/** The command line over the whole system. */
@NullMarked
package io.maskstream.cli;

import org.jspecify.annotations.NullMarked;
