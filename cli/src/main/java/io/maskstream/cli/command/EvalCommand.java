package io.maskstream.cli.command;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.cli.DatasetExamples;
import io.maskstream.cli.ImageSize;
import io.maskstream.cli.Output;
import io.maskstream.cli.Table;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.trainer.evaluation.Evaluation;
import io.maskstream.trainer.evaluation.EvaluationReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Evaluates a model file. */
@Command(
        name = "eval",
        description = "Measure a model on the masks of a data set's split.",
        mixinStandardHelpOptions = true)
public final class EvalCommand implements Callable<Integer> {
    @Option(names = "--model", required = true, description = "The ONNX file.")
    private Path model = Path.of("model.onnx");

    @Option(names = "--dataset", required = true, description = "Folder of the data set, PASCAL VOC layout.")
    private Path dataset = Path.of(".");

    @Option(names = "--split", defaultValue = "val", description = "Which split; default val.")
    private String split = "val";

    @Option(names = "--every", defaultValue = "1", description = "Take every so manieth image of the split; default 1.")
    private int every = 1;

    @Option(
            names = "--size",
            paramLabel = "WxH",
            converter = ImageSize.Converter.class,
            description = "Evaluate at this size instead of the model's own.")
    private @Nullable ImageSize size;

    @Option(names = "--device", defaultValue = "auto", description = "auto, cpu, cuda or cuda:1.")
    private String device = "auto";

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        Dataset opened = Datasets.open(dataset);
        EvaluationReport report;
        try (InferenceModel running = InferenceModel.of(atSize(ModelFile.read(model)), Device.parse(device), 0)) {
            List<String> ofModel = running.metadata().classes().names();
            if (!ofModel.equals(opened.classes().names())) {
                throw new IllegalArgumentException("the model tells " + ofModel + " apart, the data set "
                        + opened.classes().names() + "; evaluate it on a data set with its classes");
            }
            report = Evaluation.of(running, new DatasetExamples(opened, split, every))
                    .report();
        }
        output.show(report, out -> print(report, out));
        return 0;
    }

    private ModelProto atSize(ModelProto read) throws IOException {
        if (size == null) {
            return read;
        }
        ModelMetadata metadata = ModelMetadata.read(read);
        ModelInput own = metadata.input();
        ModelInput other = new ModelInput(
                size.height(), size.width(), ModelInput.SizePolicy.FIXED, own.multiple(), own.mean(), own.std());
        return metadata.withInput(other).writeTo(PseudoLabelHead.detach(read));
    }

    /** Prints the figures of an evaluation in a few lines. */
    static void print(EvaluationReport report, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%d images: mIoU %.4f (95%% %.3f to %.3f), pixel accuracy %.4f, mean accuracy %.4f,"
                        + " weighted IoU %.4f, boundary IoU %.4f, ECE %.4f%n",
                report.images(),
                report.miou(),
                report.miouLow(),
                report.miouHigh(),
                report.pixelAccuracy(),
                report.meanAccuracy(),
                report.weightedIou(),
                report.boundaryIou(),
                report.ece());
        Table table = new Table("class", "IoU", "accuracy");
        report.perClassIou().forEach((name, iou) -> {
            Double accuracy = report.perClassAccuracy().get(name);
            table.row(name, share(iou), accuracy == null ? "–" : share(accuracy));
        });
        table.print(out);
    }

    private static String share(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
