/**
 * Who labels, and how far a label is believed.
 *
 * <p>Start at {@link io.maskstream.trainer.block.label.PeerLabels}, what two networks make of each other's opinions, then at
 * {@link io.maskstream.trainer.block.label.ClassThresholds}, a refinement. What is remembered between steps to judge classes by
 * is a {@link io.maskstream.trainer.block.Bank}, as {@link io.maskstream.trainer.block.label.ClassConfidence}.
 */
@NullMarked
package io.maskstream.trainer.block.label;

import org.jspecify.annotations.NullMarked;
