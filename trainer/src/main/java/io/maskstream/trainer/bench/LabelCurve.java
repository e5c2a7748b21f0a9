package io.maskstream.trainer.bench;

import java.util.List;

/**
 * How right the pseudo-labels of one objective were, and how much of the pictures they covered, while a training went on. Pixels are those
 * with a known truth, each counting as much as its weight.
 *
 * @param objective its name in the recipe
 * @param windows equal parts of the training, in order
 */
public record LabelCurve(String objective, List<Window> windows) {
    public LabelCurve {
        windows = List.copyOf(windows);
    }

    /**
     * What was taught in a part of the training, by class.
     *
     * @param batches that were counted; a sample of the steps
     * @param kept weight of the pixels taught as the class
     * @param right weight of those whose truth it is
     * @param covered weight of the pixels whose truth it is and that were taught as any class
     * @param truth pixels whose truth it is
     */
    public record Window(int batches, List<Double> kept, List<Double> right, List<Double> covered, List<Double> truth) {
        public Window {
            kept = List.copyOf(kept);
            right = List.copyOf(right);
            covered = List.copyOf(covered);
            truth = List.copyOf(truth);
        }

        /** Returns the share of what was taught as a class that was right; NaN where nothing was taught as it. */
        public double precision(int index) {
            return kept.get(index) > 0 ? right.get(index) / kept.get(index) : Double.NaN;
        }

        /** Returns the share of a class's pixels that were taught as any class; NaN where there was none. */
        public double coverage(int index) {
            return truth.get(index) > 0 ? covered.get(index) / truth.get(index) : Double.NaN;
        }

        /** Returns the share of all that was taught that was right; NaN where nothing was. */
        public double precision() {
            double sum = sum(kept);
            return sum > 0 ? sum(right) / sum : Double.NaN;
        }

        /** Returns the share of all pixels that were taught; NaN where there was none. */
        public double coverage() {
            double sum = sum(truth);
            return sum > 0 ? sum(covered) / sum : Double.NaN;
        }

        /** Returns both together. */
        public Window plus(Window other) {
            return new Window(
                    batches + other.batches,
                    plus(kept, other.kept),
                    plus(right, other.right),
                    plus(covered, other.covered),
                    plus(truth, other.truth));
        }

        private static double sum(List<Double> values) {
            return values.stream().mapToDouble(Double::doubleValue).sum();
        }

        private static List<Double> plus(List<Double> one, List<Double> other) {
            Double[] sum = new Double[one.size()];
            for (int i = 0; i < sum.length; i++) {
                sum[i] = one.get(i) + other.get(i);
            }
            return List.of(sum);
        }
    }
}
