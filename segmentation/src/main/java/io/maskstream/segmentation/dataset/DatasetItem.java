package io.maskstream.segmentation.dataset;

import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageFormatException;
import io.maskstream.segmentation.image.ImageHeader;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.mask.MaskFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One picture of a data set, and its mask if it has one; both are read anew by each call.
 *
 * @param id name within the data set
 * @param image file of the picture
 * @param mask file of the mask; null for an unlabelled picture
 */
public record DatasetItem(String id, Path image, @Nullable Path mask) {
    private static final ImageDecoder DECODER = new ImageDecoder(ImageLimits.DEFAULT);

    /** Returns the encoded picture. */
    public byte[] imageBytes() throws IOException {
        long size = Files.size(image);
        if (size > ImageLimits.DEFAULT.maxBytes()) {
            throw new DatasetException(
                    image + " has " + size + " bytes, at most " + ImageLimits.DEFAULT.maxBytes() + " are read");
        }
        return Files.readAllBytes(image);
    }

    /** Returns the decoded picture. */
    public RgbImage readImage() throws IOException {
        try {
            return DECODER.decode(imageBytes());
        } catch (ImageFormatException e) {
            throw new DatasetException(image + ": " + e.getMessage(), e);
        }
    }

    /** Says whether there is a mask. */
    public boolean isLabelled() {
        return mask != null;
    }

    /**
     * Returns the mask, which has the size of the upright picture and only classes of the list or {@link Mask#IGNORE}.
     *
     * @throws DatasetException if there is none, or it is not so; the message names the file
     */
    public Mask readMask(ClassList classes) throws IOException {
        if (mask == null) {
            throw new DatasetException("picture '" + id + "' has no mask: label it, or use it as unlabelled");
        }
        Mask read;
        try {
            read = GreyPng.mask(Files.readAllBytes(mask), ImageLimits.DEFAULT.maxPixels());
        } catch (MaskFormatException e) {
            throw new DatasetException(mask + ": " + e.getMessage(), e);
        }
        ImageHeader header;
        try {
            header = DECODER.inspect(imageBytes());
        } catch (ImageFormatException e) {
            throw new DatasetException(image + ": " + e.getMessage(), e);
        }
        if (read.height() != header.height() || read.width() != header.width()) {
            throw new DatasetException(mask + " has " + read.width() + "x" + read.height() + " px, but its picture "
                    + header.width() + "x" + header.height() + ": they must be equal");
        }
        for (int i = 0; i < read.classes().length(); i++) {
            int index = read.classes().at(i);
            if (index >= classes.size() && index != Mask.IGNORE) {
                throw new DatasetException(mask + " has class " + index + " at column " + i % read.width() + ", row "
                        + i / read.width() + ", but classes.txt names only 0 to " + (classes.size() - 1)
                        + ": add the class, or write 255 where nothing is labelled");
            }
        }
        return read;
    }
}
