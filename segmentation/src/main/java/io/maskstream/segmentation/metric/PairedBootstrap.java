package io.maskstream.segmentation.metric;

import java.util.List;
import java.util.SplittableRandom;

/**
 * By how much one model is better than another on the same images.
 *
 * <p>Both are measured on the same drawn images, so that what makes an image hard for both cancels out and the interval
 * is much narrower than the difference of two separate ones.
 *
 * @param delta mean IoU of the challenger less that of the champion, over all images
 * @param interval 95 % percentile interval of the delta over resampled images
 * @param shareBetter share of resamples in which the challenger is ahead; a tie counts half
 */
public record PairedBootstrap(double delta, Interval interval, double shareBetter) {

    /**
     * Compares two models.
     *
     * @param challenger matrix of each image by the one model
     * @param champion matrices of the same images, in the same order, by the other
     * @param seed equal seeds give equal results
     * @throws IllegalArgumentException if the numbers of images or classes differ
     */
    public static PairedBootstrap of(List<ConfusionMatrix> challenger, List<ConfusionMatrix> champion, long seed) {
        if (challenger.size() != champion.size()) {
            throw new IllegalArgumentException("the challenger was measured on " + challenger.size()
                    + " images, the champion on " + champion.size() + ": both need the same ones");
        }
        ClassTallies one = new ClassTallies(challenger);
        ClassTallies other = new ClassTallies(champion);
        double[] deltas = new double[Bootstrap.RESAMPLES];
        double better = 0;
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < deltas.length; i++) {
            int[] drawn = one.draw(random);
            deltas[i] = one.miou(drawn) - other.miou(drawn);
            better += deltas[i] > 0 ? 1 : deltas[i] == 0 ? 0.5 : 0;
        }
        return new PairedBootstrap(
                one.miou(one.all()) - other.miou(other.all()), Bootstrap.interval95(deltas), better / deltas.length);
    }
}
