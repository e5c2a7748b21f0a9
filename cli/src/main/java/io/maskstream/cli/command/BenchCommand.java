package io.maskstream.cli.command;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.cli.ImageSize;
import io.maskstream.cli.Output;
import io.maskstream.cli.Table;
import io.maskstream.cli.loop.TemporaryFolder;
import io.maskstream.inference.InferenceBench;
import io.maskstream.inference.InferenceConfig;
import io.maskstream.schemas.topic.KafkaConnection;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.bench.ModelFigures;
import io.maskstream.trainer.bench.TrainerBench;
import io.maskstream.trainer.run.PrecisionBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures speed as ratios in one run. */
@Command(
        name = "bench",
        description = "Measure speed against a reference in the same run, and methods against supervised learning.",
        subcommands = {BenchFormsCommand.class, BenchMethodsCommand.class},
        mixinStandardHelpOptions = true)
public final class BenchCommand {
    private static final int ROUNDS = 3;
    private static final int WARM_UP = 3;

    @Command(
            name = "inference",
            description =
                    "Images a second through the inference stage, against plain loops over the same model and images.",
            mixinStandardHelpOptions = true)
    int inference(
            @Mixin Output output,
            @Option(names = "--images", defaultValue = "400", description = "How many; default ${DEFAULT-VALUE}.")
                    int images,
            @Option(names = "--model", defaultValue = "unet", description = "Name of a starting model.") String model,
            @Option(
                            names = "--size",
                            defaultValue = "160x120",
                            converter = ImageSize.Converter.class,
                            description = "Input size of the model; default ${DEFAULT-VALUE}.")
                    ImageSize size)
            throws Exception {
        StreetScenes scenes = new StreetScenes(1, 2 * size.height(), 2 * size.width());
        List<byte[]> encoded = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            encoded.add(ImageEncoder.jpeg(scenes.scene(i).image()));
        }
        List<InferenceBench.Run> runs;
        try (TemporaryFolder folder = new TemporaryFolder("maskstream-bench-");
                EmbeddedBroker broker = EmbeddedBroker.temporary()) {
            runs = new InferenceBench(InferenceConfig.defaults(), KafkaConnection.to(broker.bootstrapServers()))
                    .run(
                            writeModel(folder.path(), model, size),
                            encoded,
                            ROUNDS,
                            Files.createDirectory(folder.path().resolve("work")));
        }
        output.show(
                report("inference", runs),
                out -> runs.forEach(run -> out.printf(
                        Locale.ROOT,
                        "%s: %.1f, reference %.1f, ratio %.2f%n",
                        run.what(),
                        run.ours(),
                        run.reference(),
                        run.ratio())));
        return 0;
    }

    @Command(
            name = "trainer",
            description =
                    "Seconds of a training step on the graph, against the same network in direct libtorch calls and, if asked "
                            + "for, against another program.",
            mixinStandardHelpOptions = true)
    int trainer(
            @Mixin Output output,
            @Mixin StartingModelOptions models,
            @Option(names = "--steps", defaultValue = "20", description = "Steps of each; default ${DEFAULT-VALUE}.")
                    int steps,
            @Option(
                            names = "--against",
                            paramLabel = "COMMAND",
                            description = {
                                "A program that trains the same network, such as 'python step.py'. It gets --name, --model "
                                        + "(an ONNX file), --batch, --height, --width, --steps and --threads; for every line "
                                        + "'step' on its standard input it does one step and prints {\"seconds\": 0.123}."
                            })
                    @Nullable
                    String against)
            throws IOException {
        TrainerBench.Settings settings = models.settings(WARM_UP, steps, against);
        List<TrainerBench.Run> runs = new ArrayList<>();
        models.each("bench trainer", name -> runs.addAll(TrainerBench.run(name, settings)));
        output.show(
                report("trainer", runs),
                out -> runs.forEach(run -> out.printf(
                        Locale.ROOT,
                        "%s: %.3f s, reference %.3f s, ratio %.2f (half of the steps %.2f to %.2f)%n",
                        run.what(),
                        run.ours(),
                        run.reference(),
                        run.ratio(),
                        run.ratioLow(),
                        run.ratioHigh())));
        return 0;
    }

    @Command(
            name = "models",
            description = "What each starting model costs: weights, operations, a step of training, pictures a second.",
            mixinStandardHelpOptions = true)
    int models(
            @Mixin Output output,
            @Mixin StartingModelOptions models,
            @Option(names = "--steps", defaultValue = "10", description = "Steps of each; default ${DEFAULT-VALUE}.")
                    int steps)
            throws IOException {
        TrainerBench.Settings settings = models.settings(WARM_UP, steps, null);
        List<ModelFigures> runs = new ArrayList<>();
        models.each("bench models", name -> runs.add(ModelFigures.measure(name, settings)));
        Map<String, Object> report = new LinkedHashMap<>(report("models", runs));
        report.put("batch", settings.batch());
        report.put("size", settings.width() + "x" + settings.height());
        Table table = new Table("model", "parameters", "MMAC", "training step, ms", "ONNX Runtime, images/s");
        for (ModelFigures run : runs) {
            table.row(
                    run.name(),
                    String.format(Locale.ROOT, "%,d", run.parameters()),
                    millions(run.multiplyAccumulates()),
                    String.format(Locale.ROOT, "%.0f", 1000 * run.stepSeconds()),
                    String.format(Locale.ROOT, "%.0f", run.imagesPerSecond()));
        }
        output.show(report, table::print);
        return 0;
    }

    static String millions(long operations) {
        return String.format(Locale.ROOT, "%,.0f", operations / 1e6);
    }

    @Command(
            name = "precision",
            description = "Seconds of a training step in mixed precision, against float32, on this machine.",
            mixinStandardHelpOptions = true)
    int precision(
            @Mixin Output output,
            @Option(names = "--model", defaultValue = "unet", description = "Name of a starting model, or a file.")
                    String model,
            @Option(names = "--batch", defaultValue = "8", description = "Images a step; default ${DEFAULT-VALUE}.")
                    int batch,
            @Option(
                            names = "--size",
                            defaultValue = "160x120",
                            converter = ImageSize.Converter.class,
                            description = "Input size of the model; default ${DEFAULT-VALUE}.")
                    ImageSize size,
            @Option(names = "--device", defaultValue = "auto", description = "auto, cpu, cuda or cuda:1.")
                    String device)
            throws IOException {
        PrecisionBench.Run run = PrecisionBench.run(model, batch, size.height(), size.width(), Device.parse(device));
        output.show(
                report("precision", List.of(run)),
                out -> out.printf(
                        Locale.ROOT,
                        "%s: %.3f s, reference %.3f s, ratio %.2f%n",
                        run.what(),
                        run.ours(),
                        run.reference(),
                        run.ratio()));
        return 0;
    }

    private static Path writeModel(Path folder, String model, ImageSize size) throws IOException {
        Path file = folder.resolve("model.onnx");
        ModelMetadata metadata = ModelMetadata.starting(
                "main", "bench", StreetScenes.classes(), ModelInput.fixed(size.height(), size.width()));
        ModelFile.write(
                file,
                metadata.writeTo(PseudoLabelHead.attach(
                        StartingModels.named(model).build(StreetScenes.classes(), size.height(), size.width(), 1))));
        return file;
    }

    static Map<String, Object> report(String name, List<?> runs) {
        String machine = System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, Java " + Runtime.version();
        return Map.of("name", name, "runs", runs, "machine", machine);
    }
}
