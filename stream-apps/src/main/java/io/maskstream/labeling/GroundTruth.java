package io.maskstream.labeling;

import io.maskstream.segmentation.mask.Mask;
import java.io.IOException;
import java.util.Optional;

/** Knows the right mask of an image; what an {@link AutomaticAnnotator} answers from. */
@FunctionalInterface
public interface GroundTruth {

    /**
     * Returns the mask of an image in the image's own size; empty if it is not known.
     *
     * @param imageId id of the image
     * @param sha256 SHA-256 of its encoded bytes, 64 lower-case hex digits
     * @throws IOException if the mask is there and cannot be read
     */
    Optional<Mask> maskOf(String imageId, String sha256) throws IOException;
}
