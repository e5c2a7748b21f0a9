package io.maskstream.cli.command;

import io.maskstream.cli.Output;
import io.maskstream.cli.Progress;
import io.maskstream.ingest.ImageFiles;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.image.ImageFormatException;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.MaskOverlay;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelOutput;
import io.maskstream.service.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a model on image files. */
@Command(
        name = "predict",
        description = "Write masks, overlays and confidence maps of image files.",
        mixinStandardHelpOptions = true)
public final class PredictCommand implements Callable<Integer> {
    private static final double OPACITY = 0.55;

    @Option(names = "--model", required = true, description = "The ONNX file.")
    private Path model = Path.of("model.onnx");

    @Option(names = "--out", required = true, description = "Folder for the results.")
    private Path out = Path.of("predictions");

    @Option(names = "--device", defaultValue = "auto", description = "auto, cpu, cuda or cuda:1.")
    private String device = "auto";

    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Files, folders or globs.")
    private List<String> images = List.of();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        List<Path> files = ImageFiles.find(images);
        Files.createDirectories(out);
        List<Map<String, Object>> done = new ArrayList<>();
        List<Map<String, Object>> refused = new ArrayList<>();
        Set<String> names = new HashSet<>();
        ImageDecoder decoder = new ImageDecoder(ImageLimits.defaults());
        try (InferenceModel opened = InferenceModel.open(model, Device.parse(device));
                Progress progress = new Progress("predict", files.size())) {
            for (Path file : files) {
                try {
                    RgbImage image = decoder.decode(Files.readAllBytes(file));
                    done.add(write(opened, file, image, freeName(file, names)));
                } catch (ImageFormatException e) {
                    refused.add(Map.of("image", file.toString(), "cause", String.valueOf(e.getMessage())));
                }
                progress.at(done.size() + (long) refused.size(), "");
            }
        }
        output.show(Map.of("predicted", done, "refused", refused), writer -> print(done, refused, writer));
        return (refused.isEmpty() ? ExitCode.OK : ExitCode.FAILED).code();
    }

    private Map<String, Object> write(InferenceModel opened, Path file, RgbImage image, String name)
            throws IOException {
        ModelOutput result = opened.run(List.of(image)).get(0);
        Path mask = out.resolve(name + ".mask.png");
        Files.write(mask, GreyPng.encode(result.mask()));
        Files.write(out.resolve(name + ".confidence.png"), GreyPng.encode(result.confidence()));
        RgbImage overlay =
                MaskOverlay.blend(image, result.mask(), opened.metadata().classes(), OPACITY);
        Files.write(out.resolve(name + ".overlay.png"), ImageEncoder.png(overlay));
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("image", file.toString());
        row.put("mask", mask.toString());
        row.put("scores", result.scores());
        return row;
    }

    /** Two folders may hold files of one name; neither overwrites the other. */
    private static String freeName(Path file, Set<String> taken) {
        String base = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        String name = base;
        for (int i = 2; !taken.add(name); i++) {
            name = base + "-" + i;
        }
        return name;
    }

    private void print(List<Map<String, Object>> done, List<Map<String, Object>> refused, PrintWriter writer) {
        writer.println(done.size() + " images predicted; masks, overlays and confidence maps are in " + out);
        refused.forEach(row -> writer.println("refused " + row.get("image") + ": " + row.get("cause")));
    }
}
