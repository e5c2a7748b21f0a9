/**
 * The label desk: hands images to people under a lease, takes their masks, and sends each image's annotation on exactly once.
 *
 * <p>Start at {@link io.maskstream.labeling.task.TaskRules} for the rule, then {@link io.maskstream.labeling.LabelingTopology} for
 * the stream, {@link io.maskstream.labeling.LabelDesk} for what people ask of it, and
 * {@link io.maskstream.labeling.LabelingRoutes} for how they ask over HTTP.
 */
@NullMarked
package io.maskstream.labeling;

import org.jspecify.annotations.NullMarked;
