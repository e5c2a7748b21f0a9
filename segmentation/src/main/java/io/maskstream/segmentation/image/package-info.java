/**
 * Pictures: what is one, how its bytes are checked and decoded, and how it is resized.
 *
 * <p>Start at {@link io.maskstream.segmentation.image.RgbImage}.
 */
@NullMarked
package io.maskstream.segmentation.image;

import org.jspecify.annotations.NullMarked;
