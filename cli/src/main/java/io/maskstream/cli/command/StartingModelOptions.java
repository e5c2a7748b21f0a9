package io.maskstream.cli.command;

import io.maskstream.cli.ImageSize;
import io.maskstream.cli.Progress;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.zoo.StartingModel;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.bench.TrainerBench;
import io.maskstream.trainer.libtorch.Torch;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of what measures starting models. */
public final class StartingModelOptions {
    @Option(names = "--models", split = ",", description = "Names of starting models; default all.")
    private List<String> models =
            StartingModels.all().stream().map(StartingModel::name).toList();

    @Option(names = "--batch", defaultValue = "8", description = "Pictures a step; default ${DEFAULT-VALUE}.")
    private int batch = 8;

    @Option(
            names = "--size",
            defaultValue = "160x120",
            converter = ImageSize.Converter.class,
            description = "Size of the pictures; default ${DEFAULT-VALUE}.")
    private ImageSize size = new ImageSize(160, 120);

    @Option(names = "--device", defaultValue = "auto", description = "auto, cpu, cuda or cuda:1.")
    private String device = "auto";

    @Option(
            names = "--threads",
            description = "Threads of an operator of libtorch; as many as libtorch takes by itself.")
    private @Nullable Integer threads;

    /** What is done for one model. */
    interface Measurement {
        void of(String model) throws IOException;
    }

    TrainerBench.Settings settings(int warmUp, int steps, @Nullable String against) {
        models.forEach(StartingModels::named);
        if (threads != null) {
            Torch.threads(threads);
        }
        return new TrainerBench.Settings(
                Device.parse(device), batch, size.height(), size.width(), warmUp, steps, against);
    }

    /** Measures one model after the other. */
    void each(String what, Measurement measurement) throws IOException {
        try (Progress progress = new Progress(what, models.size())) {
            for (int i = 0; i < models.size(); i++) {
                progress.at(i, models.get(i));
                measurement.of(models.get(i));
            }
            progress.at(models.size(), "");
        }
    }
}
