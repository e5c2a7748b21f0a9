package io.maskstream.trainer.block;

import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/** A number that changes while a training goes on: a loss weight, a threshold, a learning rate. */
@FunctionalInterface
public interface Schedule {

    /** Returns the number at this point. */
    double at(Progress progress);

    /** Returns the same number always. */
    static Schedule constant(double value) {
        return named(Double.toString(value), progress -> value);
    }

    /**
     * Rises from {@code value * exp(-5)} to {@code value} as {@code exp(-5 (1 - t/T)^2)}, and stays there.
     *
     * <p>Laine and Aila, "Temporal Ensembling", ICLR 2017; used by Mean Teacher.
     *
     * @param value the end
     * @param share of the stage that the rise takes, in [0, 1]; 0 is at once
     */
    static Schedule sigmoidRamp(double value, double share) {
        return named("0 to " + value + " in an S over " + share + " of the stage", progress -> {
            double rest = 1 - (share <= 0 ? 1 : Math.min(1, progress.age() / share));
            return value * Math.exp(-5 * rest * rest);
        });
    }

    /**
     * Is 0 up to {@code from}, rises in a line to {@code value} at {@code to}, and stays there.
     *
     * <p>Lee, "Pseudo-Label", ICML workshop 2013, eq. 16, with shares of the stage in place of counts of updates.
     *
     * @param from share of the stage at which the rise starts
     * @param to share at which it ends, at least {@code from}
     */
    static Schedule linearRamp(double value, double from, double to) {
        return named("0 to " + value + " in a line from " + from + " to " + to + " of the stage", progress -> {
            double age = progress.age();
            if (age < from) {
                return 0;
            }
            return age >= to ? value : value * (age - from) / (to - from);
        });
    }

    /**
     * Stays on one number until the next begins.
     *
     * @param values each by the share of the stage from which it holds, the first from 0; the clock goes on over rounds
     */
    static Schedule stairs(SortedMap<Double, Double> values) {
        NavigableMap<Double, Double> stairs = new TreeMap<>(values);
        if (stairs.isEmpty() || stairs.firstKey() != 0) {
            throw new IllegalArgumentException("stairs begin at 0, found " + values);
        }
        return named("stairs " + stairs, progress -> stairs.floorEntry(progress.age())
                .getValue());
    }

    /**
     * Rises from 0 to {@code value} as half a cosine, and stays there: PS-MT (Liu et al., CVPR 2022).
     *
     * @param share of the stage that the rise takes, in [0, 1]; 0 is at once
     */
    static Schedule cosineRamp(double value, double share) {
        return named("0 to " + value + " in half a cosine over " + share + " of the stage", progress -> {
            double risen = share <= 0 ? 1 : Math.min(1, progress.age() / share);
            return value * (1 - 0.5 * (Math.cos(Math.PI * risen) + 1));
        });
    }

    /**
     * Rises in a line from nearly 0 to {@code peak}, then falls along half a cosine to {@code floor * peak}.
     *
     * <p>Loshchilov and Hutter, "SGDR", ICLR 2017, one cycle, with linear warm-up.
     *
     * @param warmUp share of the stage that the rise takes
     * @param floor share of the peak that is left at the end
     */
    static Schedule cosine(double peak, double warmUp, double floor) {
        return named("cosine from " + peak, progress -> {
            double rising = Math.max(1, Math.rint(warmUp * progress.steps()));
            if (progress.step() < rising) {
                return peak * (progress.step() + 1) / rising;
            }
            double fraction = (progress.step() - rising) / Math.max(1, progress.steps() - rising);
            return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, fraction))));
        });
    }

    /** Falls as {@code peak * (1 - t/T)^power}; the usual schedule of semantic segmentation with power 0.9. */
    static Schedule poly(double peak, double power) {
        return named("poly from " + peak, progress -> peak * Math.pow(1 - progress.fraction(), power));
    }

    /** Returns a schedule that is 0 for a share of the training, and this one from there on, beginning there. */
    default Schedule after(double share) {
        return share <= 0
                ? this
                : named("after " + share + " of the training " + this, progress -> {
                    double since = progress.before() + progress.step() - share * progress.steps();
                    return since < 0 ? 0 : at(new Progress(0, progress.steps(), progress.round(), (long) since));
                });
    }

    /** Returns this schedule up to a share of the training, and 0 from there on. */
    default Schedule until(double share) {
        return named(
                this + " until " + share + " of the training", progress -> progress.age() < share ? at(progress) : 0);
    }

    /** Gives a schedule a text, which is how it prints. */
    static Schedule named(String text, Schedule schedule) {
        record Named(String text, Schedule schedule) implements Schedule {
            @Override
            public double at(Progress progress) {
                return schedule.at(progress);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, schedule);
    }
}
