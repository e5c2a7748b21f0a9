/** Holds the files of {@code monitoring/} against what the stages really say of themselves. */
@NullMarked
package io.maskstream.cli.monitoring;

import org.jspecify.annotations.NullMarked;
