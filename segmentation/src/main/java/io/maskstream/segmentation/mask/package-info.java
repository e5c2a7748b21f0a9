/** A class for every pixel, and how it is stored. */
@NullMarked
package io.maskstream.segmentation.mask;

import org.jspecify.annotations.NullMarked;
