package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.metric.SegmentationMetrics;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.evaluation.Evaluation;
import io.maskstream.trainer.evaluation.EvaluationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        Files.write(folder.resolve("classes.txt"), StreetScenes.classes().names());
        write("train", 0, 8);
        write("val", 100, 4);
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
        assertThat(json.at("/validation/perClassIou/road").isNumber()).isTrue();
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

    private TrainConfig config(String method, String labels, Path out) {
        return new TrainConfig(
                folder, labels, method, "light", 6, 4, WIDTH, HEIGHT, 7, 3e-3, 1, 0, "float32", "cpu", 1, 0.5, 1, 0.9,
                out, List.of(), 0.01, 16);
    }

    private void write(String split, int from, int count) throws IOException {
        Path lists = Files.createDirectories(folder.resolve("ImageSets/Segmentation"));
        Path images = Files.createDirectories(folder.resolve("JPEGImages"));
        Path masks = Files.createDirectories(folder.resolve("SegmentationClass"));
        List<String> ids = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            Scene scene = SCENES.scene(i);
            ids.add("scene" + i);
            Files.write(images.resolve("scene" + i + ".png"), ImageEncoder.png(scene.image()));
            Files.write(masks.resolve("scene" + i + ".png"), GreyPng.encode(scene.mask()));
        }
        Files.write(lists.resolve(split + ".txt"), ids);
    }
}
