package io.maskstream.segmentation.uncertainty;

/**
 * How unsure a model is of one pixel; each in [0, 1], large = uncertain.
 *
 * <p>Settles, "Active Learning Literature Survey", 2009, section 3.1: entropy, margin and least confidence.
 */
public final class PixelUncertainty {
    private PixelUncertainty() {}

    /** Returns {@code -sum(p ln p) / ln C}. */
    public static double entropy(ProbabilityMap map, int pixel) {
        double nats = 0;
        for (int c = 0; c < map.classes(); c++) {
            double p = map.at(c, pixel);
            nats -= p > 0 ? p * Math.log(p) : 0;
        }
        return Math.max(0, Math.min(1, nats / Math.log(map.classes())));
    }

    /** Returns {@code 1 - (p1 - p2)} of the two largest probabilities. */
    public static double margin(ProbabilityMap map, int pixel) {
        int best = map.best(pixel);
        double second = 0;
        for (int c = 0; c < map.classes(); c++) {
            second = c == best ? second : Math.max(second, map.at(c, pixel));
        }
        return 1 - (map.at(best, pixel) - second);
    }

    /** Returns {@code 1 - p1}, the least confidence. */
    public static double confidence(ProbabilityMap map, int pixel) {
        return 1 - map.at(map.best(pixel), pixel);
    }
}
