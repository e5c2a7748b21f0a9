/**
 * Methods to compare others with: learning from annotations alone, and the later strong baselines.
 *
 * <p>Start at {@link io.maskstream.trainer.method.baseline.Supervised}.
 */
@NullMarked
package io.maskstream.trainer.method.baseline;

import org.jspecify.annotations.NullMarked;
