package io.maskstream.cli.command;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.maskstream.cli.ImageSize;
import io.maskstream.cli.Output;
import io.maskstream.cli.loop.LearningCurve;
import io.maskstream.cli.loop.LoopConsole;
import io.maskstream.cli.loop.LoopReport;
import io.maskstream.cli.loop.Selection;
import io.maskstream.cli.loop.Simulation;
import io.maskstream.cli.loop.SimulationPlan;
import io.maskstream.service.ExitCode;
import io.maskstream.trainer.method.Methods;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the loop with ground truth as the annotator. */
@Command(
        name = "simulate",
        description =
                "Run the loop through real Kafka with a data set's masks as the annotator, and draw the learning curve.",
        mixinStandardHelpOptions = true)
public final class SimulateCommand implements Callable<Integer> {
    @Option(names = "--dataset", required = true, description = "A data set with the splits train and val.")
    private Path dataset = Path.of(".");

    @Option(names = "--initial", defaultValue = "23", description = "Labels of round 1; default ${DEFAULT-VALUE}.")
    private int initial;

    @Option(names = "--budget", defaultValue = "92", description = "Labels in the end; default ${DEFAULT-VALUE}.")
    private int budget;

    @Option(names = "--rounds", defaultValue = "4", description = "Rounds of learning; default ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--method", defaultValue = "supervised", description = "See: maskstream methods.")
    private String method = "supervised";

    @Option(
            names = "--selection",
            defaultValue = "entropy",
            description = "random, or the image score that chooses: entropy, margin, confidence, regions, boundary.")
    private String selection = "entropy";

    @Option(names = "--seed", defaultValue = "7", description = "Of all that is drawn; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--model",
            defaultValue = "unet",
            description = {
                "Name of a starting model, or an ONNX file with the data set's classes (see: maskstream models import);",
                "default ${DEFAULT-VALUE}."
            })
    private String model = "unet";

    @Option(
            names = "--learning-rate",
            description = "Peak of every round's schedule; a model that knows something wants less, such as 2e-4.")
    private @Nullable Double learningRate;

    @Option(
            names = "--head-learning-rate",
            description = "How many times faster the last layers learn, such as 10 after a classifier was replaced.")
    private @Nullable Double headLearningRate;

    @Option(names = "--iterations", description = "Optimiser steps of a round.")
    private @Nullable Integer iterations;

    @Option(names = "--batch", description = "Labelled images a step.")
    private @Nullable Integer batch;

    @Option(
            names = "--size",
            defaultValue = "160x120",
            converter = ImageSize.Converter.class,
            description = "Input size of the model; default ${DEFAULT-VALUE}.")
    private ImageSize size = new ImageSize(160, 120);

    @Option(names = "--out", defaultValue = "simulation", description = "Folder for model.onnx and curve.png.")
    private Path out = Path.of("simulation");

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Any setting, such as trainer.batch=4.")
    private Map<String, String> set = new LinkedHashMap<>();

    @Mixin
    private final MethodOptions options = new MethodOptions();

    @Mixin
    private final Output output = new Output();

    /**
     * The report: that of the loop, and what was written.
     *
     * @param loop its keys stand beside the others
     * @param method of learning
     * @param selection how labels were chosen
     * @param seed of all that was drawn
     * @param start the model that learning started from
     * @param model file of the final champion
     * @param curve file of the picture
     */
    private record Report(
            @JsonUnwrapped LoopReport loop,
            String method,
            String selection,
            long seed,
            String start,
            String model,
            String curve) {}

    @Override
    public Integer call() throws Exception {
        String known = Methods.named(method).name();
        SimulationPlan plan = SimulationPlan.of(
                dataset, initial, budget, rounds, known, new Selection(selection), seed, model, size, settings());
        Path champion = out.resolve("model.onnx");
        Path curve = out.resolve("curve.png");
        LoopReport loop = new Simulation(plan, new LoopConsole(output.out(), output.isTalkative())).run(champion);
        LearningCurve.write(plan.name() + ", " + method + ", labels by " + selection, loop.rounds(), curve);
        Report report = new Report(loop, method, selection, seed, model, champion.toString(), curve.toString());
        output.show(report, writer -> {
            LoopConsole.print(loop, writer);
            writer.println("model " + champion + ", curve " + curve);
        });
        return (loop.lost() == 0 && loop.duplicated() == 0 ? ExitCode.OK : ExitCode.FAILED).code();
    }

    /** Returns the flags of training as settings; {@code --set} says more, and wins. */
    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        put(settings, "learning-rate", learningRate);
        put(settings, "warm-learning-rate", learningRate);
        put(settings, "head-learning-rate", headLearningRate);
        put(settings, "iterations-per-round", iterations);
        put(settings, "batch", batch);
        options.valuesFor(method).forEach((name, value) -> put(settings, "options." + name, value));
        settings.putAll(set);
        return settings;
    }

    private static void put(Map<String, String> settings, String key, @Nullable Object value) {
        if (value != null) {
            settings.put("trainer." + key, value.toString());
        }
    }
}
