/**
 * What may happen to a label task, as values and pure functions: no Kafka, no HTTP, no clock.
 *
 * <p>Start at {@link io.maskstream.labeling.task.TaskRules}.
 */
@NullMarked
package io.maskstream.labeling.task;

import org.jspecify.annotations.NullMarked;
