package io.maskstream.trainer.block.pool;

import java.util.ArrayList;
import java.util.List;

/**
 * Thresholds that keep about the same share of the pixels of every class of the pool's labels.
 *
 * <p>Zou et al., "CBST", ECCV 2018, as in DMT (Feng et al., Pattern Recognition 130, 2022), whose rule keeps one pixel more than the share.
 * Departure: all pixels are counted, not every sixteenth.
 *
 * @param thresholds units of confidence that a pixel needs, by class
 */
public record ClassBalance(List<Integer> thresholds) {
    private static final double ROUNDING = 1e-9;

    public ClassBalance {
        thresholds = List.copyOf(thresholds);
    }

    /**
     * Measures the thresholds that keep a share.
     *
     * @param share 0 or more; from 1 all is kept, as it is of a class with too few pixels for the share to be one
     */
    public static ClassBalance of(PoolLabels labels, int classes, double share) {
        ConfidenceCounts counts = ConfidenceCounts.of(labels, classes);
        List<Integer> thresholds = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            long pixels = counts.of(c);
            long kept = (long) (share * pixels + ROUNDING);
            thresholds.add(kept < 1 ? 0 : counts.largest(c, Math.min(pixels, kept + 1)));
        }
        return new ClassBalance(thresholds);
    }

    /** Returns the labels that are left. */
    public PoolLabels applied(PoolLabels labels) {
        return labels.changed((image, label) ->
                label.keeping(pixel -> label.has(pixel) && label.units(pixel) >= thresholds.get(label.hard(pixel))));
    }
}
