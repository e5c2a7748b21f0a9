/**
 * What a training reads: examples at the training size, chosen and ordered by seed alone, so that a run can be repeated.
 *
 * <p>Start at {@link io.maskstream.trainer.data.Examples}. Nothing here knows Kafka.
 */
@NullMarked
package io.maskstream.trainer.data;

import org.jspecify.annotations.NullMarked;
