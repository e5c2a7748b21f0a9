package io.maskstream.segmentation.image;

/** Turns and mirrors stored pixels as the EXIF orientation says, so that the picture stands upright. */
final class Orientation {
    private Orientation() {}

    static RgbImage upright(RgbImage stored, int orientation) {
        if (orientation == 1) {
            return stored;
        }
        boolean isTurned = orientation > 4;
        int width = isTurned ? stored.height() : stored.width();
        int height = isTurned ? stored.width() : stored.height();
        byte[] from = stored.pixels().toArray();
        byte[] upright = new byte[from.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int column =
                        switch (orientation) {
                            case 2, 3 -> width - 1 - x;
                            case 4 -> x;
                            case 5, 6 -> y;
                            default -> height - 1 - y;
                        };
                int row =
                        switch (orientation) {
                            case 2 -> y;
                            case 3, 4 -> height - 1 - y;
                            case 5, 8 -> x;
                            default -> width - 1 - x;
                        };
                System.arraycopy(from, 3 * (row * stored.width() + column), upright, 3 * (y * width + x), 3);
            }
        }
        return new RgbImage(height, width, Bytes.wrap(upright));
    }
}
