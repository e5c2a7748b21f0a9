/**
 * Pictures: what is one, how its bytes are checked and decoded, and how it is resized.
 *
 * <p>Start at {@link io.maskstream.segmentation.image.ImageDecoder}, which decides what is a picture, and
 * {@link io.maskstream.segmentation.image.RgbImage}, which it makes.
 */
@NullMarked
package io.maskstream.segmentation.image;

import org.jspecify.annotations.NullMarked;
