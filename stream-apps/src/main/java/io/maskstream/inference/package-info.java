/** Being built: inference. */
@NullMarked
package io.maskstream.inference;

import org.jspecify.annotations.NullMarked;
