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
    private static final int SHIFT = 14; // of the weights: 255 << 2 * 14 does not overflow after each pass is shifted
    private static final int HALF = 1 << (SHIFT - 1);

    private Resampling() {}

    /** Returns the picture in another size. */
    public static RgbImage bilinear(RgbImage image, int height, int width) {
        if (image.height() == height && image.width() == width) {
            return image;
        }
        byte[] resized = resize(image.pixels().toArray(), image.height(), image.width(), 3, height, width);
        return new RgbImage(height, width, Bytes.wrap(resized));
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
        byte[] narrow = new byte[Math.multiplyExact(fromHeight, Math.multiplyExact(width, channels))];
        for (int y = 0; y < fromHeight; y++) {
            int row = y * fromWidth * channels;
            int to = y * width * channels;
            for (int x = 0; x < width; x++) {
                int first = across.first[x];
                int weight = x * across.most;
                if (channels == 3) {
                    int red = HALF;
                    int green = HALF;
                    int blue = HALF;
                    for (int tap = 0, at = row + 3 * first; tap < across.count[x]; tap++, at += 3) {
                        int w = across.weights[weight + tap];
                        red += w * (from[at] & 0xff);
                        green += w * (from[at + 1] & 0xff);
                        blue += w * (from[at + 2] & 0xff);
                    }
                    narrow[to++] = (byte) (red >> SHIFT);
                    narrow[to++] = (byte) (green >> SHIFT);
                    narrow[to++] = (byte) (blue >> SHIFT);
                } else {
                    int sum = HALF;
                    for (int tap = 0; tap < across.count[x]; tap++) {
                        sum += across.weights[weight + tap] * (from[row + first + tap] & 0xff);
                    }
                    narrow[to++] = (byte) (sum >> SHIFT);
                }
            }
        }
        int rowLength = width * channels;
        byte[] resized = new byte[Math.multiplyExact(height, rowLength)];
        int[] sums = new int[rowLength];
        for (int y = 0; y < height; y++) {
            Arrays.fill(sums, HALF);
            for (int tap = 0; tap < down.count[y]; tap++) {
                int w = down.weights[y * down.most + tap];
                int row = (down.first[y] + tap) * rowLength;
                for (int i = 0; i < rowLength; i++) {
                    sums[i] += w * (narrow[row + i] & 0xff);
                }
            }
            for (int i = 0; i < rowLength; i++) {
                resized[y * rowLength + i] = (byte) (sums[i] >> SHIFT);
            }
        }
        return resized;
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
