package io.maskstream.trainer.block.pool;

import io.maskstream.trainer.data.Draws;
import io.maskstream.trainer.data.Examples;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Lets every class have as many pixels of the pool's labels as its share of the annotated pixels allows: a threshold a class, and, since
 * very sure classes tie at the top, a random drop above it.
 *
 * <p>He et al., "Re-distributing Biased Pseudo Labels for Semi-supervised Semantic Segmentation", ICCV 2021. Departures: real counts of
 * pixels and not those of a nominal image size; confidences of 16 bits fixed point, which tie less than the authors' half floats.
 *
 * @param thresholds units of confidence that a pixel needs, by class; above {@link StoredLabel#UNITS} keeps none
 * @param sampling share of the pixels above the threshold that stays, by class
 */
public record ClassQuota(List<Integer> thresholds, List<Double> sampling) {
    private static final double ROUNDING = 1e-9;

    public ClassQuota {
        thresholds = List.copyOf(thresholds);
        sampling = List.copyOf(sampling);
    }

    /** Returns each class's share of the annotated pixels that have a class. */
    public static double[] prior(Examples annotated, int classes) {
        double[] share = new double[classes];
        double all = 0;
        for (int i = 0; i < annotated.size(); i++) {
            StoredLabel mask = StoredLabel.of(annotated.get(i).requireMask(), 1);
            for (int pixel = 0; pixel < mask.pixels(); pixel++) {
                if (mask.has(pixel)) {
                    share[mask.hard(pixel)]++;
                    all++;
                }
            }
        }
        for (int c = 0; c < classes; c++) {
            share[c] = all == 0 ? 1.0 / classes : share[c] / all;
        }
        return share;
    }

    /**
     * Measures thresholds and shares under which labels meet the quota.
     *
     * @param prior share of each class, sums to 1
     * @param ratio share of all pixels that get a label, 0 or more
     */
    public static ClassQuota of(PoolLabels labels, double[] prior, double ratio) {
        ConfidenceCounts counts = ConfidenceCounts.of(labels, prior.length);
        List<Integer> thresholds = new ArrayList<>();
        List<Double> sampling = new ArrayList<>();
        for (int c = 0; c < prior.length; c++) {
            long quota = (long) (ratio * prior[c] * counts.pixels() + ROUNDING);
            int threshold = quota == 0 ? StoredLabel.UNITS + 1 : counts.largest(c, quota);
            long above = counts.atLeast(c, threshold);
            thresholds.add(threshold);
            sampling.add(above == 0 ? 1 : Math.min(1, quota / (double) above));
        }
        return new ClassQuota(thresholds, sampling);
    }

    /** Returns the labels that are left; who is dropped above a threshold is a function of the seed and the image. */
    public PoolLabels applied(PoolLabels labels, long seed) {
        return labels.changed((image, label) -> left(label, Draws.generator(seed, image)));
    }

    private StoredLabel left(StoredLabel label, RandomGenerator random) {
        List<List<Integer>> survivors = new ArrayList<>();
        thresholds.forEach(threshold -> survivors.add(new ArrayList<>()));
        for (int i = 0; i < label.pixels(); i++) {
            if (label.has(i) && label.units(i) >= thresholds.get(label.hard(i))) {
                survivors.get(label.hard(i)).add(i);
            }
        }
        boolean[] stays = new boolean[label.pixels()];
        for (int c = 0; c < survivors.size(); c++) {
            List<Integer> pixels = survivors.get(c);
            int dropped = (int) (pixels.size() - pixels.size() * sampling.get(c) + ROUNDING);
            for (int k = 0; k < dropped; k++) { // the first ones become a random choice of all
                int other = k + random.nextInt(pixels.size() - k);
                int pixel = pixels.get(k);
                pixels.set(k, pixels.get(other));
                pixels.set(other, pixel);
            }
            pixels.subList(dropped, pixels.size()).forEach(pixel -> stays[pixel] = true);
        }
        return label.keeping(pixel -> stays[pixel]);
    }
}
