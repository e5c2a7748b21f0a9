package io.maskstream.segmentation.image;

import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.Mask;
import java.util.Arrays;

/**
 * Resizes pictures, masks and maps.
 *
 * <p>Pixel centres are at half coordinates, so a size and back loses no half pixel. Bilinear shrinking widens the
 * triangle filter with the step, as Pillow does, so that fine texture becomes its mean instead of noise.
 */
public final class Resampling {
    private static final int SHIFT = 14; // bits of the weights
    private static final int KEPT = 7; // bits dropped between the passes, so that 8 + 14 - 7 + 14 bits fit an int
    private static final int DROPPED = 2 * SHIFT - KEPT;
    private static final float UNIT = 1f / (1 << (2 * SHIFT)); // both passes carry weights of SHIFT bits
    private static final int HALF = 1 << (DROPPED - 1);

    private Resampling() {}

    /** Returns the picture in another size. */
    public static RgbImage bilinear(RgbImage image, int height, int width) {
        if (image.height() == height && image.width() == width) {
            return image;
        }
        byte[] resized = resize(image.pixels().toArray(), image.height(), image.width(), 3, height, width);
        return new RgbImage(height, width, Bytes.wrap(resized));
    }

    /**
     * Returns the picture in another size without rounding to bytes, {@code [height, width, 3]} in 0 to 255.
     *
     * <p>Some networks hear the noise of that rounding: half a step of 255 cost one of them 0.003 of mIoU.
     */
    public static float[] unrounded(RgbImage image, int height, int width) {
        requireSize(height, width);
        byte[] from = image.pixels().toArray();
        Taps across = new Taps(image.width(), width);
        Taps down = new Taps(image.height(), height);
        float[] resized = new float[Math.multiplyExact(height, Math.multiplyExact(width, 3))];
        int[] line = new int[image.width() * 3];
        float[] wide = new float[line.length];
        for (int y = 0; y < height; y++) {
            Arrays.fill(line, 0);
            for (int tap = 0; tap < down.count[y]; tap++) {
                addRow(line, from, (down.first[y] + tap) * line.length, down.weights[y * down.most + tap]);
            }
            for (int i = 0; i < line.length; i++) {
                wide[i] = line[i] * UNIT;
            }
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    float sum = 0;
                    for (int tap = 0; tap < across.count[x]; tap++) {
                        sum += across.weights[x * across.most + tap] * wide[3 * (across.first[x] + tap) + c];
                    }
                    resized[(y * width + x) * 3 + c] = sum;
                }
            }
        }
        return resized;
    }

    /** Returns the map in another size. */
    public static ConfidenceMap bilinear(ConfidenceMap map, int height, int width) {
        if (map.height() == height && map.width() == width) {
            return map;
        }
        byte[] resized = resize(map.values().toArray(), map.height(), map.width(), 1, height, width);
        return new ConfidenceMap(height, width, Bytes.wrap(resized));
    }

    /** Returns the mask in another size; each pixel takes the class under its centre. */
    public static Mask nearest(Mask mask, int height, int width) {
        if (mask.height() == height && mask.width() == width) {
            return mask;
        }
        requireSize(height, width);
        byte[] from = mask.classes().toArray();
        byte[] to = new byte[Math.multiplyExact(height, width)];
        int[] columns = new int[width];
        for (int x = 0; x < width; x++) {
            columns[x] = (int) ((2L * x + 1) * mask.width() / (2L * width));
        }
        for (int y = 0; y < height; y++) {
            int row = (int) ((2L * y + 1) * mask.height() / (2L * height)) * mask.width();
            for (int x = 0; x < width; x++) {
                to[y * width + x] = from[row + columns[x]];
            }
        }
        return new Mask(height, width, Bytes.wrap(to));
    }

    private static void requireSize(int height, int width) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("cannot resize to " + height + "x" + width + " px");
        }
    }

    private static byte[] resize(byte[] from, int fromHeight, int fromWidth, int channels, int height, int width) {
        requireSize(height, width);
        Taps across = new Taps(fromWidth, width);
        Taps down = new Taps(fromHeight, height);
        byte[] resized = new byte[Math.multiplyExact(height, Math.multiplyExact(width, channels))];
        int rowLength = fromWidth * channels;
        int[] line = new int[rowLength]; // one target row, still of the source's width
        for (int y = 0; y < height; y++) {
            Arrays.fill(line, 0);
            for (int tap = 0; tap < down.count[y]; tap++) {
                addRow(line, from, (down.first[y] + tap) * rowLength, down.weights[y * down.most + tap]);
            }
            for (int i = 0; i < rowLength; i++) {
                line[i] >>= KEPT;
            }
            if (channels == 3) {
                narrowColours(line, across, resized, y * width * 3);
            } else {
                narrowGreys(line, across, resized, y * width);
            }
        }
        return resized;
    }

    /** Kept apart and plain, so that the compiler makes vector instructions of it. */
    private static void addRow(int[] line, byte[] from, int row, int weight) {
        for (int i = 0; i < line.length; i++) {
            line[i] += weight * (from[row + i] & 0xff);
        }
    }

    private static void narrowColours(int[] line, Taps across, byte[] resized, int row) {
        for (int x = 0, to = row; x < across.first.length; x++, to += 3) {
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            int weight = x * across.most;
            int end = weight + across.count[x];
            for (int at = 3 * across.first[x]; weight < end; weight++, at += 3) {
                int w = across.weights[weight];
                red += w * line[at];
                green += w * line[at + 1];
                blue += w * line[at + 2];
            }
            resized[to] = (byte) (red >> DROPPED);
            resized[to + 1] = (byte) (green >> DROPPED);
            resized[to + 2] = (byte) (blue >> DROPPED);
        }
    }

    private static void narrowGreys(int[] line, Taps across, byte[] resized, int row) {
        for (int x = 0; x < across.first.length; x++) {
            int sum = HALF;
            for (int tap = 0; tap < across.count[x]; tap++) {
                sum += across.weights[x * across.most + tap] * line[across.first[x] + tap];
            }
            resized[row + x] = (byte) (sum >> DROPPED);
        }
    }

    /** Which source pixels each target pixel is made of, and their shares, which sum to {@code 1 << SHIFT}. */
    private static final class Taps {
        final int most;
        final int[] first;
        final int[] count;
        final int[] weights; // [target, most]

        Taps(int from, int to) {
            double step = (double) from / to;
            double reach = Math.max(1, step);
            most = (int) Math.ceil(reach) * 2 + 1;
            first = new int[to];
            count = new int[to];
            weights = new int[Math.multiplyExact(to, most)];
            double[] shares = new double[most];
            for (int i = 0; i < to; i++) {
                double centre = (i + 0.5) * step;
                int low = Math.max(0, (int) (centre - reach + 0.5));
                int high = Math.min(from, (int) (centre + reach + 0.5));
                double sum = 0;
                for (int tap = 0; tap < high - low; tap++) {
                    shares[tap] = Math.max(0, 1 - Math.abs(low + tap + 0.5 - centre) / reach);
                    sum += shares[tap];
                }
                int rest = 1 << SHIFT;
                int largest = 0;
                for (int tap = 0; tap < high - low; tap++) {
                    int share = (int) Math.round(shares[tap] / sum * (1 << SHIFT));
                    weights[i * most + tap] = share;
                    rest -= share;
                    largest = shares[tap] > shares[largest] ? tap : largest;
                }
                weights[i * most + largest] += rest; // so that an even area keeps its value exactly
                first[i] = low;
                count[i] = high - low;
            }
        }
    }
}
