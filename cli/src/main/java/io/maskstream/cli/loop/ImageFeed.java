package io.maskstream.cli.loop;

import io.maskstream.ingest.NewImage;
import io.maskstream.labeling.GroundTruth;
import io.maskstream.segmentation.mask.ClassList;
import java.io.IOException;

/** A numbered row of images whose right masks are known. */
public interface ImageFeed extends GroundTruth {

    /** Returns what the masks tell apart. */
    ClassList classes();

    /** Returns how many images there are. */
    int size();

    /** Returns an image, its bytes at hand; from then on its mask is known by its digest. */
    NewImage image(int index) throws IOException;
}
