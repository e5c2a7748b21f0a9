package io.maskstream.routing;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.ImageContent;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.mask.MaskFormatException;
import java.nio.ByteBuffer;

/** Checks what a person handed in before it is trained on: a mask of the image's own size in the agreed form. */
final class MaskCheck {
    private MaskCheck() {}

    /**
     * Decodes the mask, never more of it than the image has pixels.
     *
     * @throws IllegalArgumentException if it is not an 8-bit grey PNG of the image's size
     */
    static void requireMaskOf(ImageContent image, Annotation annotation) {
        ByteBuffer bytes = annotation.getMask().duplicate();
        byte[] png = new byte[bytes.remaining()];
        bytes.get(png);
        String subject = "the mask of image " + annotation.getImageId() + " by " + annotation.getAnnotator();
        Mask mask;
        try {
            mask = GreyPng.mask(png, Math.multiplyExact((long) image.getWidth(), image.getHeight()));
        } catch (MaskFormatException e) {
            throw new IllegalArgumentException(subject + " is not usable: " + e.getMessage(), e);
        }
        if (mask.width() != image.getWidth() || mask.height() != image.getHeight()) {
            throw new IllegalArgumentException(subject + " has " + mask.width() + "x" + mask.height()
                    + " px, expected the image's own " + image.getWidth() + "x" + image.getHeight());
        }
    }
}
