/**
 * How unsure a model is, of a pixel, a region, an image: the plain definitions, in plain Java.
 *
 * <p>A released model computes the same measures inside its graph and is tested against these. Start at
 * {@link io.maskstream.segmentation.uncertainty.UncertaintyMeasure}.
 */
@NullMarked
package io.maskstream.segmentation.uncertainty;

import org.jspecify.annotations.NullMarked;
