/** Being built: ingest. */
@NullMarked
package io.maskstream.ingest;

import org.jspecify.annotations.NullMarked;
