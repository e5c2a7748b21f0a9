/**
 * How events become bytes: Avro single-object encoding, or the Confluent wire format where a schema registry is
 * configured.
 *
 * <p>Start at {@link io.maskstream.schemas.serde.EventSerdes}.
 */
@NullMarked
package io.maskstream.schemas.serde;

import org.jspecify.annotations.NullMarked;
