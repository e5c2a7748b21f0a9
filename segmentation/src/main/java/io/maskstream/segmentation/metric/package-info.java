/**
 * How good masks are: the survey's four metrics, boundaries, calibration, and how sure one can be of each figure.
 *
 * <p>Start at {@link io.maskstream.segmentation.metric.ConfusionMatrix}: one matrix holds every score, matrices of
 * images are added, and {@link io.maskstream.segmentation.metric.SegmentationMetrics} is read off the sum.
 */
@NullMarked
package io.maskstream.segmentation.metric;

import org.jspecify.annotations.NullMarked;
