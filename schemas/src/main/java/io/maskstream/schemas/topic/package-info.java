/** The topics: their names, keys, values, partitions and retention, in one place. */
@NullMarked
package io.maskstream.schemas.topic;

import org.jspecify.annotations.NullMarked;
