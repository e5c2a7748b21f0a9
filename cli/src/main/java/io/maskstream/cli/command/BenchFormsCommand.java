package io.maskstream.cli.command;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.cli.ImageSize;
import io.maskstream.cli.Output;
import io.maskstream.cli.Table;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.form.Parity;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.trainer.data.DatasetExamples;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.data.LabelChoice;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.form.FormsBench;
import io.maskstream.trainer.form.ReleaseForms;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures what the numeric forms of a model gain and cost on the processor. */
@Command(
        name = "forms",
        description = "Images a second and mIoU of a model in float32 and in int8, side by side on the processor.",
        mixinStandardHelpOptions = true)
public final class BenchFormsCommand implements Callable<Integer> {
    private static final String TRAIN = "train";

    @Option(names = "--model", required = true, description = "The float32 ONNX file.")
    private Path model = Path.of("model.onnx");

    @Option(names = "--dataset", required = true, description = "Folder of the data set, PASCAL VOC layout.")
    private Path dataset = Path.of(".");

    @Option(
            names = "--split",
            defaultValue = "val",
            description = "Evaluated on; calibration images are of the split train. Default ${DEFAULT-VALUE}.")
    private String split = "val";

    @Option(
            names = "--labels",
            defaultValue = "all",
            description = "How many of the split's masks are evaluated on: all, a share such as 1/4, or a count.")
    private String labels = "all";

    @Option(
            names = "--size",
            converter = ImageSize.Converter.class,
            description = "Input size, such as 513x385; default the model's own.")
    private @Nullable ImageSize size;

    @Option(names = "--calibration", defaultValue = "64", description = "Calibration images; default ${DEFAULT-VALUE}.")
    private int calibration;

    @Option(names = "--rounds", defaultValue = "15", description = "Turns of each form; default ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--seed", defaultValue = "7", description = "Of the choice of images; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--forms",
            split = ",",
            defaultValue = "int8",
            description = "Beside float32; a processor computes float16 through float32. Default ${DEFAULT-VALUE}.")
    private List<ModelForm> forms = List.of(ModelForm.INT8);

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        if (rounds < 1 || calibration < 1) {
            throw new IllegalArgumentException("--rounds and --calibration must be at least 1");
        }
        Dataset opened = Datasets.open(dataset);
        ModelProto released = released(opened);
        ModelInput input = ModelMetadata.read(released).input();
        Examples evaluation = examples(opened, split, LabelChoice.parse(labels), input);
        int most = Math.min(calibration, DatasetExamples.labelled(opened, TRAIN).size());
        Examples learned = examples(opened, TRAIN, new LabelChoice.Count(most), input);
        List<FormsBench.Row> rows = new FormsBench(rounds)
                .run(released, forms, evaluation, ReleaseForms.calibration(List.of(learned), most, seed));
        output.show(report(rows, input), out -> print(rows, out));
        return 0;
    }

    private ModelProto released(Dataset opened) throws IOException {
        ModelProto read = ModelFile.read(model);
        ModelProto trainable = PseudoLabelHead.isAttached(read) ? PseudoLabelHead.detach(read) : read;
        ModelMetadata metadata = ModelMetadata.read(trainable);
        if (!metadata.classes().names().equals(opened.classes().names())) {
            throw new IllegalArgumentException("the model tells "
                    + metadata.classes().names() + " apart, the data set "
                    + opened.classes().names() + "; measure it on a data set with its classes");
        }
        ImageSize asked = size;
        if (asked != null) {
            ModelInput own = metadata.input();
            metadata = metadata.withInput(new ModelInput(
                    asked.height(), asked.width(), own.sizePolicy(), own.multiple(), own.mean(), own.std()));
        }
        return PseudoLabelHead.attach(metadata.writeTo(trainable));
    }

    private Examples examples(Dataset opened, String name, LabelChoice choice, ModelInput input) throws IOException {
        Set<String> ids = choice.choose(DatasetExamples.labelled(opened, name), seed);
        return DatasetExamples.withMasks(opened, name, ids, input.height(), input.width());
    }

    private Map<String, Object> report(List<FormsBench.Row> rows, ModelInput input) {
        FormsBench.Row reference = rows.get(0);
        List<Map<String, Object>> runs = new ArrayList<>();
        for (FormsBench.Row row : rows.subList(1, rows.size())) {
            row.imagesPerSecond().forEach((threads, speed) -> {
                Map<String, Object> run = new LinkedHashMap<>();
                run.put("what", row.form() + " against float32, images a second, threads " + threads);
                run.put("ours", speed);
                run.put("reference", reference.imagesPerSecond().get(threads));
                run.put("ratio", row.speedup().get(threads));
                runs.add(run);
            });
        }
        Map<String, Object> report = new LinkedHashMap<>(BenchCommand.report("forms", runs));
        report.put("model", String.valueOf(model.getFileName()));
        report.put("size", input.width() + "x" + input.height());
        report.put("forms", rows);
        return report;
    }

    private static void print(List<FormsBench.Row> rows, PrintWriter out) {
        Table table = new Table(
                "form",
                "images/s, 1 thread",
                "×",
                "images/s, all",
                "×",
                "MB",
                "mIoU",
                "95 %",
                "same class",
                "max diff");
        for (FormsBench.Row row : rows) {
            EvaluationReport evaluation = row.evaluation();
            Parity parity = row.parity();
            table.row(
                    row.form(),
                    number("%.1f", row.imagesPerSecond().get("1")),
                    number("%.2f", row.speedup().get("1")),
                    number("%.1f", row.imagesPerSecond().get("all")),
                    number("%.2f", row.speedup().get("all")),
                    number("%.2f", row.megabytes()),
                    number("%.4f", evaluation.miou()),
                    String.format(Locale.ROOT, "%.3f to %.3f", evaluation.miouLow(), evaluation.miouHigh()),
                    parity == null ? "–" : number("%.4f", parity.sameClass()),
                    parity == null ? "–" : number("%.3f", parity.maxDifference()));
        }
        table.print(out);
    }

    private static String number(String format, @Nullable Double value) {
        return value == null ? "–" : String.format(Locale.ROOT, format, value);
    }
}
