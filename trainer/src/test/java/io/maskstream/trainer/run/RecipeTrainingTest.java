package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trains for real on generated scenes; one machine gives equal weights for equal runs, so they are compared exactly. */
class RecipeTrainingTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final StreetScenes SCENES = new StreetScenes(3, HEIGHT, WIDTH);
    private static final Examples LABELLED = scenes(0, 8, true);
    private static final Examples UNLABELLED = scenes(100, 8, false);

    private final SegmentationNetwork start = network();

    @TempDir
    private Path folder;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1); // such small pictures gain nothing from more
    }

    @AfterEach
    void close() {
        start.close();
    }

    @Test
    void learns_whenItSeesAnnotations() {
        try (RecipeTraining training = training("supervised", 40, LABELLED, Examples.NONE)) {
            double first = training.step();
            double last = 0;
            while (!training.isDone()) {
                last = training.step();
            }

            assertThat(last).isLessThan(0.7 * first);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pseudo-label", "mean-teacher", "fixmatch"})
    void equalsSupervised_whenThereIsNothingUnlabelled(String method) {
        assertThat(weights(method, LABELLED, Examples.NONE))
                .usingRecursiveComparison()
                .isEqualTo(weights("supervised", LABELLED, Examples.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pseudo-label", "mean-teacher", "fixmatch"})
    void learnsFromUnlabelledImages_whenThereAreSome(String method) {
        assertThat(weights(method, LABELLED, UNLABELLED))
                .usingRecursiveComparison()
                .isNotEqualTo(weights(method, LABELLED, Examples.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"supervised", "fixmatch", "mean-teacher"})
    void givesTheSameWeights_whenItIsStoppedAndGoesOn(String method) throws IOException {
        Map<String, float[]> whole = weights(method, LABELLED, UNLABELLED);
        Path checkpoint = folder.resolve("checkpoint");
        try (RecipeTraining first = training(method, 6, LABELLED, UNLABELLED)) {
            for (int i = 0; i < 3; i++) {
                first.step();
            }
            first.save(checkpoint);
            first.step(); // lost with the process
        }
        try (RecipeTraining second = training(method, 6, LABELLED, UNLABELLED)) {
            second.restore(checkpoint);
            assertThat(second.done()).isEqualTo(3);
            while (!second.isDone()) {
                second.step();
            }

            assertThat(weights(second.exported())).usingRecursiveComparison().isEqualTo(whole);
        }
    }

    @Test
    void givesTheSameWeights_whenItIsStoppedInALaterStage() throws IOException {
        RoundPlan stages = RoundPlan.of(List.of(
                Stage.of("first", 1.0 / 3, plan("supervised").recipes().get(0)),
                Stage.of("second", 2.0 / 3, plan("fixmatch").recipes().get(0))));
        Path checkpoint = folder.resolve("checkpoint");
        Map<String, float[]> whole;
        try (RecipeTraining training = new RecipeTraining(stages, start, LABELLED, UNLABELLED, settings(6))) {
            for (int i = 0; i < 4; i++) {
                training.step();
            }
            training.save(checkpoint);
            training.step();
            training.step();
            whole = weights(training.exported());
        }
        try (RecipeTraining again = new RecipeTraining(stages, start, LABELLED, UNLABELLED, settings(6))) {
            again.restore(checkpoint);
            again.step();
            again.step();

            assertThat(again.isDone()).isTrue();
            assertThat(weights(again.exported())).usingRecursiveComparison().isEqualTo(whole);
        }
    }

    @Test
    void refusesACheckpoint_whenItIsNotWhole() throws IOException {
        Path file = Files.write(folder.resolve("checkpoint"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        try (RecipeTraining training = training("supervised", 6, LABELLED, Examples.NONE)) {
            assertThatThrownBy(() -> training.restore(file)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void refusesToStart_withoutAnnotations() {
        assertThatThrownBy(() -> training("fixmatch", 6, Examples.NONE, UNLABELLED))
                .hasMessageContaining("no annotation");
    }

    private Map<String, float[]> weights(String method, Examples labelled, Examples unlabelled) {
        try (RecipeTraining training = training(method, 6, labelled, unlabelled)) {
            while (!training.isDone()) {
                training.step();
            }
            return weights(training.exported());
        }
    }

    private static Map<String, float[]> weights(SegmentationNetwork network) {
        try (PointerScope scope = new PointerScope()) {
            Map<String, float[]> weights = new LinkedHashMap<>();
            network.parameters().forEach((name, tensor) -> weights.put(name, ImageTensors.toFloats(tensor)));
            network.buffers().forEach((name, tensor) -> weights.put(name, ImageTensors.toFloats(tensor)));
            return weights;
        }
    }

    private RecipeTraining training(String method, int steps, Examples labelled, Examples unlabelled) {
        return new RecipeTraining(plan(method), start, labelled, unlabelled, settings(steps));
    }

    private static TrainingSettings settings(int steps) {
        return new TrainingSettings(steps, 4, 3e-3, 1, 0, 7, 1, ModelInput.fixed(HEIGHT, WIDTH));
    }

    private static RoundPlan plan(String method) {
        return Methods.named(method).plan(settingsOf(method));
    }

    private static SegmentationNetwork network() {
        ModelProto model = StartingModels.named("light").build(StreetScenes.classes(), HEIGHT, WIDTH, 1);
        return GraphNetwork.of(model, Device.CPU);
    }

    private static Examples scenes(int from, int count, boolean masks) {
        List<Example> examples = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            Scene scene = SCENES.scene(i);
            examples.add(new Example("scene-" + i, scene.image(), masks ? scene.mask() : null));
        }
        return Examples.of(examples);
    }

    /** Lets pseudo-labels in early, so that a few steps show them. */
    private static MethodSettings settingsOf(String method) {
        Map<String, Double> options = new LinkedHashMap<>(Map.of("teacher-decay", 0.9));
        if (Methods.named(method).options().stream()
                .anyMatch(option -> option.name().equals("threshold"))) {
            options.put("threshold", 0.1);
        }
        return new MethodSettings(ClassWeights.equal(StreetScenes.classes().size()), options, 7);
    }
}
