package io.maskstream.cli.command;

import io.maskstream.cli.ImageSize;
import io.maskstream.cli.Output;
import io.maskstream.cli.Progress;
import io.maskstream.cli.Table;
import io.maskstream.cli.bench.GainPicture;
import io.maskstream.cli.bench.LabelPicture;
import io.maskstream.cli.bench.TrialProcesses;
import io.maskstream.cli.loop.TemporaryFolder;
import io.maskstream.service.ExitCode;
import io.maskstream.trainer.bench.BenchFolder;
import io.maskstream.trainer.bench.BenchSetting;
import io.maskstream.trainer.bench.MethodComparison;
import io.maskstream.trainer.bench.MethodRun;
import io.maskstream.trainer.bench.MethodTrial;
import io.maskstream.trainer.bench.MethodVariant;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures what learning methods gain over supervised learning. */
@Command(
        name = "methods",
        description = {
            "What learning methods gain over supervised learning: the same data, network, labels, steps and seeds for all.",
            "Finished runs are kept in --out, a file each: run it again with more methods or seeds, and only they are run.",
            "What they are held against is always run with the labels, and with all labels as the ceiling."
        },
        mixinStandardHelpOptions = true)
public final class BenchMethodsCommand implements Callable<Integer> {
    @Option(names = "--dataset", required = true, description = "A data set with the splits train and val.")
    private Path dataset = Path.of(".");

    @Option(names = "--model", defaultValue = "unet", description = "Name of a starting model, or an ONNX file.")
    private String model = "unet";

    @Option(
            names = "--labels",
            required = true,
            description = "Masks that may be used, chosen by the seed: a share such as 1/8, or a count.")
    private String labels = "1/8";

    @Option(
            names = "--size",
            defaultValue = "160x120",
            converter = ImageSize.Converter.class,
            description = "Input size of the model; default ${DEFAULT-VALUE}.")
    private ImageSize size = new ImageSize(160, 120);

    @Option(
            names = "--iterations",
            defaultValue = "400",
            description = "Optimiser steps of a run; default ${DEFAULT-VALUE}.")
    private int iterations;

    @Option(names = "--batch", defaultValue = "8", description = "Labelled images a step; default ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--learning-rate",
            defaultValue = "0.001",
            description = "Peak of the schedule; default ${DEFAULT-VALUE}.")
    private double learningRate;

    @Option(
            names = "--head-learning-rate",
            defaultValue = "1",
            description = "How many times faster the last layers learn; default ${DEFAULT-VALUE}.")
    private double headLearningRate;

    @Option(
            names = "--gradient-clip",
            defaultValue = "0",
            description = "Largest norm of all gradients together; 0 is none. Default ${DEFAULT-VALUE}.")
    private double gradientClip;

    @Option(
            names = "--methods",
            defaultValue = "all",
            description = {
                "Names with commas, or all; options of a method after colons, such as",
                "fixmatch,fixmatch:threshold=0.8:ramp=0.2. Default ${DEFAULT-VALUE}. See: maskstream methods."
            })
    private String methods = "all";

    @Option(
            names = "--against",
            defaultValue = "supervised",
            description = {
                "What gains are counted from: supervised, or supervised with options that the methods have too,",
                "such as supervised:steady-average=1. Default ${DEFAULT-VALUE}."
            })
    private String against = "supervised";

    @Option(names = "--seeds", split = ",", defaultValue = "1,2,3", description = "Default ${DEFAULT-VALUE}.")
    private List<Long> seeds = List.of(1L, 2L, 3L);

    @Option(names = "--jobs", defaultValue = "1", description = "Runs at once, which share the processors.")
    private int jobs;

    @Option(names = "--device", defaultValue = "auto", description = "auto, cpu, cuda or cuda:1.")
    private String device = "auto";

    @Option(names = "--out", defaultValue = "bench-methods", description = "Folder of runs and pictures.")
    private Path out = Path.of("bench-methods");

    @Option(names = "--renew", description = "Run again what was made by another recipe than the method's of today.")
    private boolean renew;

    @Mixin
    private final MethodOptions options = new MethodOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        if (jobs < 1) {
            throw new IllegalArgumentException("--jobs must be at least 1, not " + jobs);
        }
        MethodVariant reference = MethodVariant.reference(against);
        List<MethodVariant> variants = MethodVariant.list(methods, reference);
        BenchFolder folder = BenchFolder.open(out, setting());
        List<MethodTrial> trials = folder.trials(reference, variants, seeds);
        if (renew) {
            for (Path deleted : folder.renew(trials)) {
                say("deleted " + deleted + ", which another recipe made");
            }
        }
        List<MethodTrial> missing = new ArrayList<>();
        for (MethodTrial trial : trials) {
            if (folder.find(trial).isEmpty()) {
                missing.add(trial);
            }
        }
        say(trials.size() + " runs, " + (trials.size() - missing.size()) + " of them finished before");
        Map<String, String> failures = run(missing, folder);
        List<MethodRun> runs = new ArrayList<>();
        for (MethodTrial trial : trials) {
            folder.find(trial).ifPresent(runs::add);
        }
        if (!failures.isEmpty() && runs.isEmpty()) {
            throw new IllegalStateException(
                    "no run has finished: " + failures.entrySet().iterator().next());
        }
        MethodComparison comparison = MethodComparison.of(reference, runs);
        List<Path> pictures = draw(comparison, runs);
        output.show(report(comparison, runs, failures, pictures), writer -> print(comparison, pictures, writer));
        return (failures.isEmpty() ? ExitCode.OK : ExitCode.FAILED).code();
    }

    private BenchSetting setting() {
        return new BenchSetting(
                dataset.toString(),
                labels,
                model,
                size.width(),
                size.height(),
                iterations,
                batch,
                learningRate,
                headLearningRate,
                gradientClip,
                device,
                Math.max(1, Runtime.getRuntime().availableProcessors() / jobs),
                options.values());
    }

    private void say(String line) {
        if (output.isTalkative()) {
            output.out().println(line);
            output.out().flush();
        }
    }

    /** Runs what is missing and returns what failed, with why. */
    private Map<String, String> run(List<MethodTrial> missing, BenchFolder folder)
            throws IOException, InterruptedException {
        Map<String, String> failures = new LinkedHashMap<>();
        if (missing.isEmpty()) {
            return failures;
        }
        try (TemporaryFolder work = new TemporaryFolder("maskstream-bench-");
                Progress progress = new Progress("bench methods", (long) missing.size() * iterations)) {
            new TrialProcesses(jobs, work.path(), out.resolve("logs"))
                    .run(missing, folder, new TrialProcesses.Listener() {
                        private final Map<MethodTrial, Integer> steps = new LinkedHashMap<>();
                        private int ended;

                        @Override
                        public synchronized void stepped(MethodTrial trial, int step) {
                            steps.put(trial, step);
                            progress.at(
                                    steps.values().stream()
                                            .mapToLong(Integer::longValue)
                                            .sum(),
                                    name(trial));
                        }

                        @Override
                        public synchronized void finished(MethodTrial trial) {
                            ended++;
                            try {
                                folder.find(trial)
                                        .ifPresent(run -> say(String.format(
                                                Locale.ROOT,
                                                "%s: mIoU %.4f, %.0f ms a step, %.0f MiB, %.0f s (%d of %d)",
                                                name(trial),
                                                run.validation().miou(),
                                                run.stepMillis().median(),
                                                run.peakRssMiB(),
                                                run.trainSeconds(),
                                                ended,
                                                missing.size())));
                            } catch (IOException e) {
                                failed(trial, String.valueOf(e.getMessage()));
                            }
                        }

                        @Override
                        public synchronized void failed(MethodTrial trial, String why) {
                            failures.put(name(trial), why);
                            say(name(trial) + " FAILED, " + why);
                        }
                    });
        }
        return failures;
    }

    private static String name(MethodTrial trial) {
        return trial.variant() + ", " + trial.labels() + " labels, seed " + trial.seed();
    }

    private List<Path> draw(MethodComparison comparison, List<MethodRun> runs) throws IOException {
        List<Path> pictures = new ArrayList<>();
        Path gains = out.resolve("gains.png");
        String what = dataset.toAbsolutePath().normalize().getFileName() + ", " + labels + " labels, " + iterations
                + " steps at " + size + ", " + seeds.size() + (seeds.size() == 1 ? " seed" : " seeds");
        GainPicture.write(what, comparison, gains);
        pictures.add(gains);
        for (MethodComparison.Row row : comparison.rows()) {
            List<MethodRun> own = runs.stream()
                    .filter(run ->
                            run.variant().equals(row.method()) && !run.taught().isEmpty())
                    .toList();
            if (!own.isEmpty()) {
                Path file = out.resolve("labels-" + row.method().replace(':', '_') + ".png");
                LabelPicture.write(row.method() + " on " + what, own, file);
                pictures.add(file);
            }
        }
        Path overview = out.resolve("labels.png");
        if (LabelPicture.writeOverview(what, comparison, runs, overview)) {
            pictures.add(overview);
        } else {
            Files.deleteIfExists(overview);
        }
        return pictures;
    }

    private Map<String, Object> report(
            MethodComparison comparison, List<MethodRun> runs, Map<String, String> failures, List<Path> pictures)
            throws IOException {
        List<Map<String, Object>> ratios = new ArrayList<>();
        for (MethodComparison.Row row : comparison.rows()) {
            Map<String, Object> run = new LinkedHashMap<>();
            run.put("what", "mIoU of " + row.method() + " against " + comparison.reference());
            run.put("ours", row.miou());
            run.put("reference", row.miou() - row.gain());
            run.put("ratio", row.miou() / (row.miou() - row.gain()));
            ratios.add(run);
        }
        Map<String, Object> report = new LinkedHashMap<>(BenchCommand.report("methods", ratios));
        report.put("setting", setting().described());
        report.put("seeds", seeds);
        report.put("against", comparison.reference());
        report.put("supervised", comparison.supervised());
        report.put("ceiling", comparison.ceiling());
        report.put("methods", comparison.rows());
        report.put("verdict", comparison.verdict());
        report.put("finishedRuns", runs.size());
        report.put("failed", failures);
        report.put("pictures", pictures.stream().map(Path::toString).toList());
        return report;
    }

    private static void print(MethodComparison comparison, List<Path> pictures, PrintWriter out) {
        out.println();
        Table table = new Table(
                "method",
                "category",
                "seeds",
                "mIoU",
                "95 % interval",
                "gain",
                "95 % paired",
                "of the gap",
                "right",
                "covered",
                "ms a step",
                "MiB",
                "trained");
        for (MethodComparison.Row row : comparison.rows()) {
            table.row(
                    row.method(),
                    row.category(),
                    row.seeds(),
                    String.format(Locale.ROOT, "%.4f", row.miou()),
                    String.format(Locale.ROOT, "%.3f to %.3f", row.miouLow(), row.miouHigh()),
                    String.format(Locale.ROOT, "%+.4f", row.gain()),
                    String.format(Locale.ROOT, "%+.3f to %+.3f", row.gainLow(), row.gainHigh()),
                    percent(row.gapClosed()),
                    percent(row.precision()),
                    percent(row.coverage()),
                    String.format(Locale.ROOT, "%.0f", row.stepMillis()),
                    String.format(Locale.ROOT, "%.0f", row.peakRssMiB()),
                    String.format(Locale.ROOT, "%.0f s", row.trainSeconds()));
        }
        table.print(out);
        out.printf(
                Locale.ROOT,
                "%s with all labels reaches %.4f; right and covered: pseudo-labels in the last quarter%n",
                comparison.reference(),
                comparison.ceiling());
        out.println("pictures "
                + String.join(", ", pictures.stream().map(Path::toString).toList()));
        out.println(comparison.verdict());
    }

    private static String percent(@Nullable Double share) {
        return share == null ? "–" : String.format(Locale.ROOT, "%.0f%%", 100 * share);
    }
}
