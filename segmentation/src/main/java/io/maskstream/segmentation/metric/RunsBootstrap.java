package io.maskstream.segmentation.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The mean IoU of a way of learning that was run several times, or how far it lies above another's, and how far that would move with
 * other images and other runs.
 *
 * <p>Images are drawn with replacement and are the same in every run; runs are drawn with replacement, one fewer than there are, which
 * gives the mean of so few its right spread (Rao and Wu, "Resampling inference with complex survey data", JASA 1988). Of a single run
 * only the images are drawn, so its interval does not know how far another seed would lie.
 *
 * @param value the mean over the runs, each over all images
 * @param interval 95 % percentile interval of the value over resamples
 */
public record RunsBootstrap(double value, Interval interval) {

    /**
     * Returns the mean IoU of some runs.
     *
     * @param runs the matrix of each image, in the same order in every run
     * @param seed equal seeds give equal intervals
     */
    public static RunsBootstrap miou(List<List<ConfusionMatrix>> runs, long seed) {
        List<ClassTallies> tallies = tallies(runs);
        return resampled(tallies, seed, (run, drawn) -> tallies.get(run).miou(drawn));
    }

    /**
     * Returns how far the mean IoU of some runs lies above that of others, run by run: what makes an image or a seed hard for both
     * cancels out.
     *
     * @param runs the matrix of each image, in the same order in every run
     * @param references as many, in the same order: run k is compared with reference k
     * @throws IllegalArgumentException if there are not as many, or not of as many images
     */
    public static RunsBootstrap gain(
            List<List<ConfusionMatrix>> runs, List<List<ConfusionMatrix>> references, long seed) {
        if (runs.size() != references.size()) {
            throw new IllegalArgumentException(
                    runs.size() + " runs cannot be compared one by one with " + references.size());
        }
        List<ClassTallies> ours = tallies(runs);
        List<ClassTallies> theirs = tallies(references);
        if (!ours.isEmpty() && ours.get(0).images() != theirs.get(0).images()) {
            throw new IllegalArgumentException("the runs were measured on "
                    + ours.get(0).images() + " images, the references on "
                    + theirs.get(0).images() + ": both need the same ones");
        }
        return resampled(
                ours,
                seed,
                (run, drawn) -> ours.get(run).miou(drawn) - theirs.get(run).miou(drawn));
    }

    /** A figure of one run on some images. */
    @FunctionalInterface
    private interface Figure {
        double of(int run, int[] images);
    }

    private static List<ClassTallies> tallies(List<List<ConfusionMatrix>> runs) {
        List<ClassTallies> tallies = new ArrayList<>();
        for (List<ConfusionMatrix> run : runs) {
            tallies.add(new ClassTallies(run));
            if (tallies.get(0).images() != run.size()) {
                throw new IllegalArgumentException("one run was measured on "
                        + tallies.get(0).images() + " images, another on " + run.size() + ": all need the same ones");
            }
        }
        return tallies;
    }

    private static RunsBootstrap resampled(List<ClassTallies> runs, long seed, Figure figure) {
        if (runs.isEmpty()) {
            return new RunsBootstrap(Double.NaN, new Interval(Double.NaN, Double.NaN));
        }
        SplittableRandom random = new SplittableRandom(seed);
        int drawnRuns = Math.max(1, runs.size() - 1);
        double[] values = new double[Bootstrap.RESAMPLES];
        for (int i = 0; i < values.length; i++) {
            int[] images = runs.get(0).draw(random);
            double sum = 0;
            for (int k = 0; k < drawnRuns; k++) {
                sum += figure.of(random.nextInt(runs.size()), images);
            }
            values[i] = sum / drawnRuns;
        }
        double whole = 0;
        for (int run = 0; run < runs.size(); run++) {
            whole += figure.of(run, runs.get(run).all());
        }
        return new RunsBootstrap(whole / runs.size(), Bootstrap.interval95(values));
    }
}
