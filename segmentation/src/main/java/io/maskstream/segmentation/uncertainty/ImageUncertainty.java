package io.maskstream.segmentation.uncertainty;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Every measure of one image, and its normalised entropy by region.
 *
 * <p>The plain form of what a released model computes in its graph: the oracle of that, and the way to score outputs of
 * any other model.
 */
public final class ImageUncertainty {
    private static final int WORST_SHARE = 20; // one in twenty regions, rounded up

    private final Map<UncertaintyMeasure, Double> scores;
    private final int rows;
    private final int columns;
    private final double[] regions;

    private ImageUncertainty(Map<UncertaintyMeasure, Double> scores, int rows, int columns, double[] regions) {
        this.scores = Collections.unmodifiableMap(scores);
        this.rows = rows;
        this.columns = columns;
        this.regions = regions;
    }

    /**
     * Measures an image.
     *
     * @param cell side of a square region, in pixels, at least 1; those at the lower and right edge may be cut
     */
    public static ImageUncertainty of(ProbabilityMap map, int cell) {
        if (cell < 1) {
            throw new IllegalArgumentException("a region is at least 1 px wide, got " + cell);
        }
        int pixels = map.height() * map.width();
        double[] entropy = new double[pixels];
        int[] best = new int[pixels];
        double margin = 0;
        double confidence = 0;
        for (int pixel = 0; pixel < pixels; pixel++) {
            entropy[pixel] = PixelUncertainty.entropy(map, pixel);
            best[pixel] = map.best(pixel);
            margin += PixelUncertainty.margin(map, pixel);
            confidence += PixelUncertainty.confidence(map, pixel);
        }
        int rows = (map.height() + cell - 1) / cell;
        int columns = (map.width() + cell - 1) / cell;
        double[] regions = regions(entropy, map.height(), map.width(), cell);
        Map<UncertaintyMeasure, Double> scores = new EnumMap<>(UncertaintyMeasure.class);
        scores.put(UncertaintyMeasure.ENTROPY, Arrays.stream(entropy).sum() / pixels);
        scores.put(UncertaintyMeasure.MARGIN, margin / pixels);
        scores.put(UncertaintyMeasure.CONFIDENCE, confidence / pixels);
        scores.put(UncertaintyMeasure.REGIONS, worst(regions));
        scores.put(UncertaintyMeasure.BOUNDARY, boundary(entropy, best, map.height(), map.width()));
        return new ImageUncertainty(scores, rows, columns, regions);
    }

    private static double[] regions(double[] entropy, int height, int width, int cell) {
        int columns = (width + cell - 1) / cell;
        double[] sums = new double[(height + cell - 1) / cell * columns];
        int[] pixels = new int[sums.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int region = y / cell * columns + x / cell;
                sums[region] += entropy[y * width + x];
                pixels[region]++;
            }
        }
        for (int region = 0; region < sums.length; region++) {
            sums[region] /= pixels[region];
        }
        return sums;
    }

    private static double worst(double[] regions) {
        double[] sorted = regions.clone();
        Arrays.sort(sorted);
        int count = (sorted.length + WORST_SHARE - 1) / WORST_SHARE;
        double sum = 0;
        for (int i = sorted.length - count; i < sorted.length; i++) {
            sum += sorted[i];
        }
        return sum / count;
    }

    private static double boundary(double[] entropy, int[] best, int height, int width) {
        double sum = 0;
        int pixels = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                if (isBorder(best, height, width, y, x)) {
                    sum += entropy[y * width + x];
                    pixels++;
                }
            }
        }
        return pixels == 0 ? 0 : sum / pixels;
    }

    /** Says whether the 3 x 3 pixels around one, as far as they lie in the image, have more than one class. */
    private static boolean isBorder(int[] best, int height, int width, int row, int column) {
        for (int y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
            for (int x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
                if (best[y * width + x] != best[row * width + column]) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns every measure, in the order of the measures; unmodifiable. */
    public Map<UncertaintyMeasure, Double> scores() {
        return scores;
    }

    /** Returns one measure, in [0, 1], large = uncertain. */
    public double score(UncertaintyMeasure measure) {
        return scores.getOrDefault(measure, Double.NaN);
    }

    /** Returns the regions down. */
    public int rows() {
        return rows;
    }

    /** Returns the regions across. */
    public int columns() {
        return columns;
    }

    /** Returns the mean normalised entropy of a region's pixels. */
    public double region(int row, int column) {
        return regions[row * columns + column];
    }
}
