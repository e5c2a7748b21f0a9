package io.maskstream.segmentation.image;

import java.io.IOException;

/** The one thing needed of EXIF: how the camera was held. Damaged EXIF never spoils a picture; it counts as upright. */
final class Exif {
    private Exif() {}

    /** Returns the orientation, 1 to 8, of the TIFF structure between two offsets; 1 if it tells none. */
    static int orientation(byte[] bytes, int from, int to) {
        try {
            return TiffDirectories.first(bytes, from, to).orientation();
        } catch (IOException e) {
            return 1;
        }
    }
}
