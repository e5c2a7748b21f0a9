package io.maskstream.trainer.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.form.Parity;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.metric.SegmentationMetrics;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.SceneFolder;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.evaluation.Evaluation;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.evaluation.EvaluationResult;
import io.maskstream.trainer.form.FormVariant;
import io.maskstream.trainer.form.ReleaseForms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfflineTrainingTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final StreetScenes SCENES = new StreetScenes(9, HEIGHT, WIDTH);

    @TempDir
    private Path folder;

    @BeforeEach
    void writeDataset() throws IOException {
        SceneFolder data = new SceneFolder(folder, SCENES);
        data.write("train", 0, 8);
        data.write("val", 100, 4);
    }

    @Test
    void reportsWhatTheFileDoes_whenATrainingEnds() throws IOException {
        Path out = folder.resolve("model.onnx");
        List<Integer> steps = new ArrayList<>();

        TrainReport report =
                new OfflineTraining(config("fixmatch", "1/2", out)).run((done, all, loss) -> steps.add(done));

        assertThat(steps).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(report.labels()).isEqualTo(4);
        assertThat(report.unlabelled()).isEqualTo(4);
        assertThat(report.stepMillis().p90())
                .isGreaterThanOrEqualTo(report.stepMillis().median());
        assertThat(report.out().sha256()).matches("[0-9a-f]{64}");
        EvaluationReport again = Evaluation.ofDataset(out, folder, "val", "cpu");
        assertThat(again.miou()).isEqualTo(report.validation().miou());
        assertThat(again.images()).isEqualTo(4);
        assertThat(again.miouLow()).isLessThanOrEqualTo(again.miou());
        assertThat(again.ece()).isBetween(0.0, 1.0);
        assertThat(again.modelVersion()).startsWith("fixmatch-");
        JsonNode json = new ObjectMapper().valueToTree(report);
        assertThat(json.fieldNames())
                .toIterable()
                .contains(
                        "method",
                        "labels",
                        "unlabelled",
                        "iterations",
                        "stepMillis",
                        "peakRssMiB",
                        "seed",
                        "validation",
                        "out");
        assertThat(json.at("/stepMillis/median").isNumber()).isTrue();
        assertThat(json.at("/loss/first").asDouble()).isPositive();
        assertThat(json.at("/validation/perClassIou/road").isNumber()).isTrue();
    }

    @Test
    void tellsWhetherTheLossFell_byItsFirstAndLastTenth() {
        double[] steps = new double[20];
        Arrays.setAll(steps, i -> 20 - i);

        assertThat(TrainReport.Loss.of(steps)).isEqualTo(new TrainReport.Loss(19.5, 1.5));
        assertThat(TrainReport.Loss.of(new double[] {3, 2})).isEqualTo(new TrainReport.Loss(3, 2));
    }

    @Test
    void givesTheSameFile_whenItIsRunAgain() throws IOException {
        TrainReport one =
                new OfflineTraining(config("supervised", "all", folder.resolve("one.onnx"))).run(TrainProgress.SILENT);
        TrainReport other = new OfflineTraining(config("supervised", "all", folder.resolve("other.onnx")))
                .run(TrainProgress.SILENT);

        assertThat(other.out().sha256()).isEqualTo(one.out().sha256());
    }

    @Test
    void measuresWhatTheModelSays_atTheModelsSize() throws IOException {
        Path out = folder.resolve("model.onnx");
        new OfflineTraining(config("supervised", "all", out)).run(TrainProgress.SILENT);
        ConfusionMatrix sum = ConfusionMatrix.empty(StreetScenes.classes().size());
        try (InferenceModel model = InferenceModel.open(out, Device.CPU)) {
            for (int i = 100; i < 104; i++) {
                Scene scene = SCENES.scene(i);
                Mask predicted = model.run(List.of(scene.image())).get(0).mask();
                sum = sum.plus(ConfusionMatrix.of(sum.classes(), scene.mask(), predicted));
            }
        }

        EvaluationReport report = Evaluation.ofDataset(out, folder, "val", "cpu");

        assertThat(report.miou()).isCloseTo(SegmentationMetrics.of(sum).miou(), within(1e-9));
        assertThat(report.pixelAccuracy()).isCloseTo(SegmentationMetrics.of(sum).pixelAccuracy(), within(1e-9));
    }

    @Test
    void saysWhatThereIs_whenTheSettingsNameSomethingElse() {
        Path out = folder.resolve("model.onnx");
        assertThatThrownBy(() -> new OfflineTraining(config("magic", "all", out)).run(TrainProgress.SILENT))
                .hasMessageContaining("supervised");
        assertThatThrownBy(() -> new OfflineTraining(config("supervised", "9", out)).run(TrainProgress.SILENT))
                .hasMessageContaining("the split has 8");
    }

    @Test
    void writesFormsThatHold_andRejectsOneThatWasSpoiled() throws IOException {
        new SceneFolder(folder, SCENES).write("train", 0, 24);
        Path out = folder.resolve("model.onnx");

        TrainReport report = new OfflineTraining(
                        config("supervised", "all", out, 80, List.of(ModelForm.FLOAT16, ModelForm.INT8)))
                .run(TrainProgress.SILENT);

        assertThat(report.forms()).extracting(TrainReport.Form::form).containsExactly("float16", "int8");
        TrainReport.Form half = report.forms().get(0);
        TrainReport.Form int8 = report.forms().get(1);
        Parity halfParity = requireNonNull(half.parity());
        assertThat(halfParity.sameClass()).isGreaterThan(0.995);
        assertThat(halfParity.maxDifference()).isLessThan(0.05);
        assertThat(half.passed()).as(half.explanation()).isTrue();
        Parity int8Parity = requireNonNull(int8.parity());
        assertThat(int8Parity.sameClass()).isGreaterThan(0.95);
        assertThat(int8Parity.meanDifference()).isLessThan(0.02);
        assertThat(int8.passed()).as(int8.explanation()).isTrue();
        assertThat(requireNonNull(int8.validation()).modelVersion())
                .isEqualTo(report.validation().modelVersion());
        Path file = folder.resolve("model.int8.onnx");
        assertThat(requireNonNull(int8.out()).file()).isEqualTo(file.toString());
        assertThatThrownBy(() -> Artefacts.trainable(file)).hasMessageContaining("start from the release's float32");

        ModelProto.Builder spoiled = ModelFile.read(file).toBuilder();
        for (TensorProto.Builder weight : spoiled.getGraphBuilder().getInitializerBuilderList()) {
            if (weight.getDataType() == TensorProto.DataType.INT8_VALUE) {
                weight.setRawData(
                        ByteString.copyFrom(new byte[weight.getRawData().size()]));
            }
        }
        ModelFile.write(file, spoiled.build());
        Examples validation = examples();
        EvaluationResult reference;
        try (InferenceModel model = InferenceModel.open(out, Device.CPU)) {
            reference = Evaluation.of(model, validation);
        }
        FormVariant verdict = new ReleaseForms(0.1, Device.CPU).judge(out, file, ModelForm.INT8, reference, validation);
        assertThat(verdict.gate().passed()).isFalse();
        assertThat(verdict.gate().explanation()).contains("in float32").contains("mIoU changed by -");
        assertThat(requireNonNull(verdict.parity()).sameClass()).isLessThan(int8Parity.sameClass());

        List<FormVariant> missing = new ReleaseForms(0.1, Device.CPU)
                .make(folder.resolve("nowhere.onnx"), List.of(ModelForm.INT8), reference, validation, List.of());
        assertThat(missing).singleElement().satisfies(failed -> {
            assertThat(failed.file()).isNull();
            assertThat(failed.gate().passed()).isFalse();
            assertThat(failed.gate().explanation()).contains("could not be made");
        });
    }

    @Test
    void drawsCalibrationImagesOnce_fromAllThatWasLearnedFrom() {
        Examples scenes = examples();

        List<RgbImage> some = ReleaseForms.calibration(List.of(scenes, Examples.NONE, scenes), 5, 3);

        assertThat(some).hasSize(5).isEqualTo(ReleaseForms.calibration(List.of(scenes, Examples.NONE, scenes), 5, 3));
        assertThat(ReleaseForms.calibration(List.of(scenes), 100, 3)).hasSize(4).doesNotHaveDuplicates();
        assertThat(ReleaseForms.calibration(List.of(Examples.NONE), 5, 3)).isEmpty();
    }

    private static Examples examples() {
        List<Example> examples = new ArrayList<>();
        for (int i = 100; i < 104; i++) {
            Scene scene = SCENES.scene(i);
            examples.add(new Example("scene" + i, scene.image(), scene.mask()));
        }
        return Examples.of(examples);
    }

    private TrainConfig config(String method, String labels, Path out) {
        return config(method, labels, out, 6, List.of());
    }

    private TrainConfig config(String method, String labels, Path out, int iterations, List<ModelForm> forms) {
        return new TrainConfig(
                folder,
                labels,
                method,
                "light",
                iterations,
                4,
                WIDTH,
                HEIGHT,
                7,
                3e-3,
                1,
                0,
                "float32",
                "cpu",
                1,
                Map.of("teacher-decay", 0.9),
                out,
                forms,
                0.1,
                16);
    }
}
