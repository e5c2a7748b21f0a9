package io.maskstream.segmentation.form;

/** Which range of an activation the 256 steps of a byte are spread over, from its histogram on calibration images. */
public enum RangeRule {
    /** All that was seen. */
    MIN_MAX {
        @Override
        double[] choose(double low, double high, long[] bins) {
            return new double[] {low, high};
        }
    },
    /** All but the outermost hundredth of a per cent on either side. */
    PERCENTILE {
        @Override
        double[] choose(double low, double high, long[] bins) {
            long count = total(bins);
            double width = (high - low) / bins.length;
            long cut = (long) (count * OUTSIDE);
            int first = 0;
            for (long left = bins[0]; first < bins.length - 1 && left <= cut; ) {
                left += bins[++first];
            }
            int last = bins.length - 1;
            for (long left = bins[last]; last > first && left <= cut; ) {
                left += bins[--last];
            }
            return new double[] {low + first * width, low + (last + 1) * width};
        }
    },
    /**
     * The range with the least mean squared error of what is rounded and of what is clamped; both ends are drawn in by the
     * same factor, in steps of a fiftieth.
     */
    SQUARED_ERROR {
        @Override
        double[] choose(double low, double high, long[] bins) {
            double width = (high - low) / bins.length;
            double best = Double.POSITIVE_INFINITY;
            double[] chosen = {low, high};
            for (int step = 50; step >= 10; step--) {
                double from = low * step / 50;
                double to = high * step / 50;
                double rounding = (to - from) / 255 * ((to - from) / 255) / 12;
                double error = 0;
                for (int i = 0; i < bins.length; i++) {
                    if (bins[i] > 0) {
                        double value = low + (i + 0.5) * width;
                        double outside = value > to ? value - to : Math.max(0, from - value);
                        error += bins[i] * (outside > 0 ? outside * outside : rounding);
                    }
                }
                if (error < best) {
                    best = error;
                    chosen = new double[] {from, to};
                }
            }
            return chosen;
        }
    };

    private static final double OUTSIDE = 1e-4;

    /**
     * Chooses.
     *
     * @param low smallest value seen
     * @param high largest value seen
     * @param bins counts in equal bins from {@code low} to {@code high}
     * @return the ends of the range
     */
    abstract double[] choose(double low, double high, long[] bins);

    private static long total(long[] bins) {
        long sum = 0;
        for (long bin : bins) {
            sum += bin;
        }
        return sum;
    }
}
