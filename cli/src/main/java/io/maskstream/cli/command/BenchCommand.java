package io.maskstream.cli.command;

import io.maskstream.broker.EmbeddedBroker;
import io.maskstream.cli.ImageSize;
import io.maskstream.cli.Output;
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
import io.maskstream.trainer.network.TrainerBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures speed as ratios in one run. */
@Command(
        name = "bench",
        description = "Measure speed against a reference in the same run.",
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
            description = "Seconds of a training step on the graph, against the same network in direct libtorch calls.",
            mixinStandardHelpOptions = true)
    int trainer(
            @Mixin Output output,
            @Option(names = "--steps", defaultValue = "20", description = "Steps of each; default ${DEFAULT-VALUE}.")
                    int steps,
            @Option(names = "--device", defaultValue = "auto", description = "auto, cpu, cuda or cuda:1.")
                    String device)
            throws IOException {
        List<TrainerBench.Run> runs = TrainerBench.run(Device.parse(device), WARM_UP, steps);
        output.show(
                report("trainer", runs),
                out -> runs.forEach(run -> out.printf(
                        Locale.ROOT,
                        "%s: %.3f s, reference %.3f s, ratio %.2f%n",
                        run.what(),
                        run.ours(),
                        run.reference(),
                        run.ratio())));
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

    private static Map<String, Object> report(String name, List<?> runs) {
        String machine = System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, Java " + Runtime.version();
        return Map.of("name", name, "runs", runs, "machine", machine);
    }
}
