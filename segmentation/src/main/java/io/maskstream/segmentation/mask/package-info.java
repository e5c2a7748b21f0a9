/**
 * A class for every pixel: how it is stored, named, coloured and shown.
 *
 * <p>Start at {@link io.maskstream.segmentation.mask.Mask}, then {@link io.maskstream.segmentation.mask.GreyPng}.
 */
@NullMarked
package io.maskstream.segmentation.mask;

import org.jspecify.annotations.NullMarked;
