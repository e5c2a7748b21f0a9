package io.maskstream.routing;

import io.maskstream.schemas.event.Annotation;
import io.maskstream.schemas.event.ImageContent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Checks what a person handed in before it is trained on: a mask of the image's own size in the agreed form. */
final class MaskCheck {
    private static final long PNG_SIGNATURE = 0x89504e470d0a1a0aL;
    private static final int IHDR = 0x49484452;
    private static final int HEADER_BYTES = 26;

    private MaskCheck() {}

    /**
     * Reads the header of the mask only; the desk that took it decoded it.
     *
     * @throws IllegalArgumentException if it is not an 8-bit grey PNG of the image's size
     */
    static void requireMaskOf(ImageContent image, Annotation annotation) {
        ByteBuffer mask = annotation.getMask().duplicate().order(ByteOrder.BIG_ENDIAN);
        int at = mask.position();
        String subject = "the mask of image " + annotation.getImageId() + " by " + annotation.getAnnotator();
        if (mask.remaining() < HEADER_BYTES || mask.getLong(at) != PNG_SIGNATURE || mask.getInt(at + 12) != IHDR) {
            throw new IllegalArgumentException(subject + " is not a PNG; expected 8-bit grey");
        }
        int width = mask.getInt(at + 16);
        int height = mask.getInt(at + 20);
        int depth = mask.get(at + 24);
        int colour = mask.get(at + 25);
        if (depth != 8 || colour != 0) {
            throw new IllegalArgumentException(subject + " is a PNG of bit depth " + depth + " and colour type "
                    + colour + ", expected 8 and 0 (grey)");
        }
        if (width != image.getWidth() || height != image.getHeight()) {
            throw new IllegalArgumentException(subject + " has " + width + "x" + height
                    + " px, expected the image's own " + image.getWidth() + "x" + image.getHeight());
        }
    }
}
