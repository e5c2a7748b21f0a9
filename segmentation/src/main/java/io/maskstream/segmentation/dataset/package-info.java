/**
 * Labelled pictures on disk: which there are, in which splits, and whether they fit together.
 *
 * <p>Start at {@link io.maskstream.segmentation.dataset.Datasets}.
 */
@NullMarked
package io.maskstream.segmentation.dataset;

import org.jspecify.annotations.NullMarked;
