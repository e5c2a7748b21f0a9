/**
 * Measures how good the serving models are, against people and never against themselves.
 *
 * <p>Start at {@link io.maskstream.quality.RollingQuality} for what is measured, then
 * {@link io.maskstream.quality.QualityTopology} for the stream.
 */
@NullMarked
package io.maskstream.quality;

import org.jspecify.annotations.NullMarked;
