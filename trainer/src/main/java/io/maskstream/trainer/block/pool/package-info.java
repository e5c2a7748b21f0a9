/**
 * Labels of the whole pool, made and stored between stages.
 *
 * <p>Start at {@link io.maskstream.trainer.block.pool.StoredLabel}, one image's, then at {@link
 * io.maskstream.trainer.block.pool.PoolLabels}, those of all. The others choose and merge: {@link
 * io.maskstream.trainer.block.pool.ClassQuota} how many pixels of each class are kept, {@link
 * io.maskstream.trainer.block.pool.LabelMerge} whose label stands where two differ.
 */
@NullMarked
package io.maskstream.trainer.block.pool;

import org.jspecify.annotations.NullMarked;
