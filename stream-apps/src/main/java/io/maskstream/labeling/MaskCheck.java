package io.maskstream.labeling;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.mask.MaskFormatException;
import java.util.List;

/** What a submitted mask must be: a readable grey PNG in the image's own size, with known classes only. */
final class MaskCheck {
    private MaskCheck() {}

    /**
     * Returns the mask in the PNG.
     *
     * @param classes names of the classes; empty lets every id pass, since then none is known to be wrong
     * @throws MaskFormatException if it is not such a mask, saying what was expected and what was found
     */
    static Mask read(byte[] png, ImageContent image, List<String> classes, long maxPixels) throws MaskFormatException {
        Mask mask = GreyPng.mask(png, maxPixels);
        if (mask.width() != image.getWidth() || mask.height() != image.getHeight()) {
            throw new MaskFormatException("the mask is " + mask.width() + "x" + mask.height() + " px, the image "
                    + image.getWidth() + "x" + image.getHeight() + ": expected the image's own size");
        }
        int length = mask.classes().length();
        for (int i = 0; i < length && !classes.isEmpty(); i++) {
            int id = mask.classes().at(i);
            if (id >= classes.size() && id != Mask.IGNORE) {
                throw new MaskFormatException("the mask has class " + id + " at row " + i / mask.width() + ", column "
                        + i % mask.width() + ": expected 0 to " + (classes.size() - 1) + ", or " + Mask.IGNORE
                        + " for ignore");
            }
        }
        return mask;
    }
}
