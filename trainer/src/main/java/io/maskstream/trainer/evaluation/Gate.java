package io.maskstream.trainer.evaluation;

import io.maskstream.segmentation.metric.PairedBootstrap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a candidate may serve.
 *
 * <p>It is held against every rival (the model that serves and the best there ever was) on the same images: its mIoU has to be
 * higher by {@code gain}, and the lower end of the 95 % paired bootstrap interval of the difference may lie no further below 0 than {@code
 * tolerance} (non-inferiority). No class may collapse and the calibration may not break down, whatever the mean says.
 */
public final class Gate {
    private Gate() {}

    /**
     * The rules.
     *
     * @param gain least rise of mIoU
     * @param tolerance how far below 0 the interval of the rise may reach
     * @param classFall most that the IoU of one class may fall below the serving model's
     * @param eceRise most that the expected calibration error may rise above the serving model's
     */
    public record Rules(double gain, double tolerance, double classFall, double eceRise) {
        /** Returns the rules with the usual limits on classes and calibration. */
        public static Rules of(double gain, double tolerance) {
            return new Rules(gain, tolerance, 0.25, 0.15);
        }
    }

    /**
     * A model that the candidate has to beat.
     *
     * @param version its version
     * @param result on the same images as the candidate's
     * @param serving whether it serves now; else it is the best ever
     */
    public record Rival(String version, EvaluationResult result, boolean serving) {}

    /**
     * What was found.
     *
     * @param passed whether the candidate may serve
     * @param explanation in a sentence
     * @param against the rival that it failed against, else the last one
     * @param delta mIoU less that of the rival
     * @param deltaLow lower end of the 95 % interval of {@code delta}
     * @param images compared on
     */
    public record Verdict(
            boolean passed,
            String explanation,
            @Nullable String against,
            @Nullable Double delta,
            @Nullable Double deltaLow,
            int images) {}

    /**
     * Decides; equal arguments give equal verdicts.
     *
     * @param rivals none for the first model of a line
     */
    public static Verdict decide(EvaluationResult candidate, List<Rival> rivals, Rules rules, long seed) {
        int images = candidate.perImage().size();
        Verdict verdict = new Verdict(true, "there is no model to compare with", null, null, null, images);
        for (Rival rival : rivals) {
            PairedBootstrap paired =
                    PairedBootstrap.of(candidate.perImage(), rival.result().perImage(), seed);
            List<String> objections = objections(candidate.report(), rival, paired, rules);
            boolean passed = objections.isEmpty();
            String name = (rival.serving() ? "the serving model " : "the best ever ") + rival.version();
            String explanation = passed
                    ? String.format(
                            Locale.ROOT,
                            "mIoU is %.4f above that of %s (95 %% interval %.4f to %.4f)",
                            paired.delta(),
                            name,
                            paired.interval().low(),
                            paired.interval().high())
                    : "against " + name + ": " + String.join("; ", objections);
            verdict = new Verdict(
                    passed,
                    explanation,
                    rival.version(),
                    paired.delta(),
                    paired.interval().low(),
                    images);
            if (!passed) {
                return verdict;
            }
        }
        return verdict;
    }

    private static List<String> objections(
            EvaluationReport candidate, Rival rival, PairedBootstrap paired, Rules rules) {
        List<String> objections = new ArrayList<>();
        if (!(paired.delta() >= rules.gain())) {
            objections.add(String.format(
                    Locale.ROOT, "mIoU changed by %.4f, %.4f is the least", paired.delta(), rules.gain()));
        } else if (!(paired.interval().low() >= -rules.tolerance())) {
            objections.add(String.format(
                    Locale.ROOT,
                    "the interval of the change reaches down to %.4f, below %.4f",
                    paired.interval().low(),
                    -rules.tolerance()));
        }
        if (rival.serving()) {
            EvaluationReport before = rival.result().report();
            for (Map.Entry<String, Double> entry : before.perClassIou().entrySet()) {
                double now = candidate.perClassIou().getOrDefault(entry.getKey(), 0.0);
                if (now < entry.getValue() - rules.classFall()) {
                    objections.add(String.format(
                            Locale.ROOT, "class %s fell from %.3f to %.3f", entry.getKey(), entry.getValue(), now));
                }
            }
            if (candidate.ece() > before.ece() + rules.eceRise()) {
                objections.add(String.format(
                        Locale.ROOT, "calibration error rose from %.3f to %.3f", before.ece(), candidate.ece()));
            }
        }
        return objections;
    }
}
