package io.maskstream.cli.command;

import io.maskstream.cli.ImageSize;
import io.maskstream.cli.Output;
import io.maskstream.cli.Progress;
import io.maskstream.service.Settings;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.run.OfflineTraining;
import io.maskstream.trainer.run.TrainConfig;
import io.maskstream.trainer.run.TrainReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains offline. */
@Command(
        name = "train",
        description = "Train a model on a data set, with few labels and the other images unlabelled; no Kafka.",
        mixinStandardHelpOptions = true)
public final class TrainCommand implements Callable<Integer> {
    @Option(names = "--dataset", required = true, description = "Folder of the data set, PASCAL VOC layout.")
    private Path dataset = Path.of(".");

    @Option(names = "--labels", defaultValue = "all", description = "all, a share such as 1/8, or a count.")
    private String labels = "all";

    @Option(names = "--method", defaultValue = "supervised", description = "See: maskstream methods.")
    private String method = "supervised";

    @Option(names = "--iterations", description = "Optimiser steps.")
    private @Nullable Integer iterations;

    @Option(names = "--batch", description = "Labelled images a step.")
    private @Nullable Integer batch;

    @Option(names = "--size", converter = ImageSize.Converter.class, description = "Input size, such as 160x120.")
    private @Nullable ImageSize size;

    @Option(names = "--seed", description = "Of weights, order, augmentation and label choice.")
    private @Nullable Long seed;

    @Option(names = "--model", description = "Name of a starting model, or an ONNX file.")
    private @Nullable String model;

    @Option(names = "--learning-rate", description = "Peak of the schedule.")
    private @Nullable Double learningRate;

    @Option(
            names = "--head-learning-rate",
            description = "How many times faster the last layers learn, such as 10 after a classifier was replaced.")
    private @Nullable Double headLearningRate;

    @Option(names = "--gradient-clip", description = "Largest norm of all gradients together, such as 1; 0 is none.")
    private @Nullable Double gradientClip;

    @Option(names = "--precision", description = "float32, mixed, or auto: mixed where it is faster.")
    private @Nullable String precision;

    @Option(names = "--device", description = "auto, cpu, cuda or cuda:1.")
    private @Nullable String device;

    @Option(
            names = "--forms",
            split = ",",
            description = "Other numeric forms written beside the model: float16, int8, or both with a comma.")
    private List<String> forms = List.of();

    @Option(names = "--out", required = true, description = "Where the model is written.")
    private Path out = Path.of("model.onnx");

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Other settings, such as learning-rate=0.003.")
    private Map<String, String> set = new LinkedHashMap<>();

    @Mixin
    private final MethodOptions options = new MethodOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        TrainConfig config = config();
        TrainReport report;
        try (Progress progress = new Progress("train", config.iterations())) {
            report = new OfflineTraining(config)
                    .run((iteration, iterations, loss) ->
                            progress.at(iteration, String.format(Locale.ROOT, "loss %.3f", loss)));
        }
        output.show(report, out -> print(report, out));
        return 0;
    }

    private TrainConfig config() {
        Map<String, String> flags = new LinkedHashMap<>();
        set.forEach((key, value) -> flags.put("train." + key, value));
        flags.put("train.dataset", dataset.toString());
        flags.put("train.labels", labels);
        flags.put("train.method", method);
        flags.put("train.out", out.toString());
        options.valuesFor(method).forEach((name, value) -> put(flags, "options." + name, value));
        put(flags, "iterations", iterations);
        put(flags, "batch", batch);
        put(flags, "width", size == null ? null : size.width());
        put(flags, "height", size == null ? null : size.height());
        put(flags, "seed", seed);
        put(flags, "model", model);
        put(flags, "learning-rate", learningRate);
        put(flags, "head-learning-rate", headLearningRate);
        put(flags, "gradient-clip", gradientClip);
        put(flags, "precision", precision);
        put(flags, "device", device);
        put(flags, "forms", forms.isEmpty() ? null : String.join(",", forms));
        Settings settings = Settings.of(flags);
        TrainConfig config = settings.bind("train", TrainConfig.class);
        settings.check();
        return config;
    }

    private static void put(Map<String, String> flags, String key, @Nullable Object value) {
        if (value != null) {
            flags.put("train." + key, value.toString());
        }
    }

    private static void print(TrainReport report, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%s on %d labels and %d unlabelled images: %d iterations of %.0f ms, %.0f s, loss %.3f to %.3f%n",
                report.method(),
                report.labels(),
                report.unlabelled(),
                report.iterations(),
                report.stepMillis().median(),
                report.trainSeconds(),
                report.loss().first(),
                report.loss().last());
        EvalCommand.print(report.validation(), out);
        out.println(report.out().file() + "  sha256 " + report.out().sha256());
        for (TrainReport.Form form : report.forms()) {
            EvaluationReport validation = form.validation();
            out.printf(
                    Locale.ROOT,
                    "%s %s%s: %s%n",
                    form.form(),
                    form.passed() ? "passed" : "REJECTED",
                    validation == null ? "" : String.format(Locale.ROOT, ", mIoU %.4f", validation.miou()),
                    form.explanation());
        }
    }
}
