package io.maskstream.trainer.bench;

import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.metric.RunsBootstrap;
import io.maskstream.trainer.evaluation.Evaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a bench of methods found.
 *
 * @param reference what methods are held against: supervised learning, perhaps with options
 * @param supervised mean mIoU of the reference from the few labels
 * @param ceiling mean mIoU of the reference from all labels
 * @param rows the methods, the reference first, then from the best to the worst
 */
public record MethodComparison(String reference, double supervised, double ceiling, List<Row> rows) {
    private static final double LEAST_GAP = 0.005; // a share of less than this is a share of noise

    public MethodComparison {
        rows = List.copyOf(rows);
    }

    /**
     * One method's figures; mIoU and its gain are means over the seeds.
     *
     * @param method with its options
     * @param category its family
     * @param labels masks learned from
     * @param seeds runs it was measured in
     * @param miou of the exported model on the validation images
     * @param miouLow lower end of the 95 % interval over images and seeds
     * @param miouHigh upper end
     * @param gain mIoU less that of the reference with the same seed and labels, on the same images
     * @param gainLow lower end of the paired 95 % interval over images and seeds
     * @param gainHigh upper end
     * @param gapClosed the gain as a share of what all labels gain; null where those gain next to nothing
     * @param precision share of right pixels among what was taught as pseudo-labels, over the last quarter; null if nothing was
     * @param coverage share of the unlabelled pixels that were taught, over the last quarter; null if none was shown
     * @param stepMillis median time of a step, in milliseconds
     * @param peakRssMiB most memory of the process while it trained, in MiB
     * @param trainSeconds wall time of a training
     */
    public record Row(
            String method,
            String category,
            int labels,
            int seeds,
            double miou,
            double miouLow,
            double miouHigh,
            double gain,
            double gainLow,
            double gainHigh,
            @Nullable Double gapClosed,
            @Nullable Double precision,
            @Nullable Double coverage,
            double stepMillis,
            double peakRssMiB,
            double trainSeconds) {
        /** Says whether it is better than the reference, beyond the interval. */
        public boolean isBetter() {
            return gainLow > 0;
        }

        /** Says whether it is worse than the reference, beyond the interval. */
        public boolean isWorse() {
            return gainHigh < 0;
        }
    }

    /**
     * Compares finished runs. A method is compared on the seeds for which the reference has finished too.
     *
     * @throws IllegalArgumentException if no run of the reference has finished
     */
    public static MethodComparison of(MethodVariant against, List<MethodRun> runs) {
        String reference = against.toString();
        Predicate<MethodRun> isReference = run -> run.variant().equals(reference);
        Predicate<MethodRun> isCeiling = run -> run.labels().equals(BenchSetting.ALL);
        Map<Long, MethodRun> references = new LinkedHashMap<>();
        runs.stream().filter(isReference.and(isCeiling.negate())).forEach(run -> references.put(run.seed(), run));
        List<MethodRun> all = runs.stream().filter(isCeiling).toList();
        if (references.isEmpty()) {
            throw new IllegalArgumentException("no run of " + reference + " has finished to compare with");
        }
        double few =
                mean(List.copyOf(references.values()), run -> run.validation().miou());
        double most = mean(all, run -> run.validation().miou());
        Map<String, List<MethodRun>> byMethod = new LinkedHashMap<>();
        for (MethodRun run : runs) {
            if (!isCeiling.test(run) && references.containsKey(run.seed())) {
                byMethod.computeIfAbsent(run.variant(), name -> new ArrayList<>())
                        .add(run);
            }
        }
        List<Row> rows = new ArrayList<>();
        byMethod.forEach((name, own) -> rows.add(row(name, own, references, all)));
        rows.sort((one, other) -> {
            int first = Boolean.compare(
                    other.method().equals(reference), one.method().equals(reference));
            return first != 0 ? first : Double.compare(other.gain(), one.gain());
        });
        return new MethodComparison(reference, few, most, rows);
    }

    private static Row row(
            String name, List<MethodRun> own, Map<Long, MethodRun> references, List<MethodRun> ceilings) {
        List<List<ConfusionMatrix>> ours = own.stream().map(MethodRun::perImage).toList();
        List<MethodRun> paired = own.stream()
                .map(run -> references.getOrDefault(run.seed(), run))
                .toList();
        List<List<ConfusionMatrix>> theirs =
                paired.stream().map(MethodRun::perImage).toList();
        RunsBootstrap miou = RunsBootstrap.miou(ours, Evaluation.SEED);
        RunsBootstrap gain = RunsBootstrap.gain(ours, theirs, Evaluation.SEED);
        List<Long> seeds = own.stream().map(MethodRun::seed).toList();
        List<MethodRun> tops =
                ceilings.stream().filter(run -> seeds.contains(run.seed())).toList();
        double gap = mean(tops, run -> run.validation().miou())
                - mean(paired, run -> run.validation().miou());
        LabelCurve.@Nullable Window late = late(own);
        return new Row(
                name,
                MethodVariant.parse(name).category(),
                own.get(0).labelled(),
                own.size(),
                miou.value(),
                miou.interval().low(),
                miou.interval().high(),
                gain.value(),
                gain.interval().low(),
                gain.interval().high(),
                tops.size() == own.size() && gap >= LEAST_GAP ? gain.value() / gap : null,
                late == null ? null : number(late.precision()),
                late == null ? null : number(late.coverage()),
                mean(own, run -> run.stepMillis().median()),
                mean(own, MethodRun::peakRssMiB),
                mean(own, MethodRun::trainSeconds));
    }

    private static LabelCurve.@Nullable Window late(List<MethodRun> runs) {
        LabelCurve.Window sum = null;
        for (MethodRun run : runs) {
            List<LabelCurve.Window> windows = run.taughtTogether();
            for (LabelCurve.Window window : windows.subList(windows.size() * 3 / 4, windows.size())) {
                sum = sum == null ? window : sum.plus(window);
            }
        }
        return sum;
    }

    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }

    private static double mean(List<MethodRun> runs, ToDoubleFunction<MethodRun> figure) {
        return runs.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    /** Says in words which methods beat the reference beyond the interval, and which did not. */
    public String verdict() {
        List<Row> others =
                rows.stream().filter(row -> !row.method().equals(reference)).toList();
        if (others.isEmpty()) {
            return "No method was compared with " + reference + ".";
        }
        int seeds = others.stream().mapToInt(Row::seeds).min().orElse(0);
        return "Better than " + reference + " beyond the 95 % interval: " + names(others, Row::isBetter)
                + ". Not distinguishable: " + names(others, row -> !row.isBetter() && !row.isWorse())
                + ". Worse: " + names(others, Row::isWorse) + "."
                + (seeds < 2 ? " The intervals of a single seed know of other images, not of other seeds." : "");
    }

    private static String names(List<Row> rows, Predicate<Row> which) {
        List<String> names = rows.stream()
                .filter(which)
                .map(row -> String.format(Locale.ROOT, "%s (%+.3f)", row.method(), row.gain()))
                .toList();
        return names.isEmpty() ? "none" : String.join(", ", names);
    }
}
