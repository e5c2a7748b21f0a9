package io.maskstream.trainer.data;

import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import org.jspecify.annotations.Nullable;

/**
 * An image to learn from or to be judged by, at the training size.
 *
 * @param id of the image
 * @param image the picture
 * @param mask its classes in the same size; null where there is none
 */
public record Example(String id, RgbImage image, @Nullable Mask mask) {
    public Example {
        if (mask != null && (mask.height() != image.height() || mask.width() != image.width())) {
            throw new IllegalArgumentException("image " + id + " is " + image.height() + "x" + image.width()
                    + " and its mask " + mask.height() + "x" + mask.width());
        }
    }

    /** Returns the mask. */
    public Mask requireMask() {
        Mask present = mask;
        if (present == null) {
            throw new IllegalStateException("image " + id + " has no mask");
        }
        return present;
    }
}
