package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.round.HoldOut;
import io.maskstream.trainer.block.round.Looking;
import io.maskstream.trainer.block.round.Round;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.block.round.Stage;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.libtorch.Checkpoint;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.method.Supervision;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What happens between the stages of a round, and between rounds; trained for real on generated scenes. */
class StagesTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final StreetScenes SCENES = new StreetScenes(9, HEIGHT, WIDTH);
    private static final Examples LABELLED = scenes(0, 4, true);
    private static final Examples POOL = scenes(100, 3, false);
    private static final MethodSettings USUAL =
            new MethodSettings(ClassWeights.equal(StreetScenes.classes().size()), Map.of("teacher-decay", 0.9), 7);
    private static final Recipe ALONE = Supervision.alone(USUAL);

    private final SegmentationNetwork start =
            GraphNetwork.of(StartingModels.named("light").build(StreetScenes.classes(), HEIGHT, WIDTH, 1), Device.CPU);

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

    static List<String> methods() {
        return Methods.all().stream().map(method -> method.name()).toList();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void takesTheRoundsStepsAndReleasesANetwork_whateverTheStages(String name) {
        RoundPlan plan = Methods.named(name).plan(USUAL);
        int steps = 0;
        try (RecipeTraining training = new RecipeTraining(plan, start, LABELLED, POOL, settings(5))) {
            while (!training.isDone()) {
                training.step();
                steps++;
            }

            assertThat(steps).isEqualTo(5);
            assertThat(training.exported().toModel().getGraph().getOutputCount())
                    .isEqualTo(1);
        }
    }

    @Test
    void startsFromTheRoundOrAStage_asTheStageSays() {
        RoundPlan again = RoundPlan.of(List.of(
                Stage.of("learned", 1, ALONE), Stage.of("fresh", 0, ALONE).from(Stage.ROUND)));
        RoundPlan going = RoundPlan.of(List.of(Stage.of("learned", 1, ALONE), Stage.of("after", 0, ALONE)));

        assertThat(run(again)).usingRecursiveComparison().isEqualTo(weights(start));
        assertThat(run(going))
                .usingRecursiveComparison()
                .isEqualTo(run(RoundPlan.single(ALONE)))
                .isNotEqualTo(weights(start));
    }

    @Test
    void marksSnapshotsOnTheWay_andScoresWhatWasHeldOut() {
        List<Set<String>> snapshots = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        RoundPlan plan = plan(round -> {
            snapshots.add(round.snapshots());
            round.finished().forEach(stage -> scores.add(stage.requireScore()));
            return round.finished().isEmpty()
                    ? Optional.of(Stage.of("first", 1, ALONE)
                            .marking(3)
                            .holding(HoldOut.of(round.annotated().size(), 0.2, 1)))
                    : Optional.empty();
        });

        run(plan);

        assertThat(snapshots)
                .containsExactly(Set.of(Stage.ROUND), Set.of(Stage.ROUND, "first@1/3", "first@2/3", "first"));
        assertThat(scores).singleElement().satisfies(score -> assertThat(score).isBetween(0.0, 1.0));
    }

    @Test
    void teachesStoredLabels_ofTheNetworkThatGaveThem() {
        List<long[]> taught = new ArrayList<>();
        LossTerm watching = LossTerm.named("watching", lesson -> {
            taught.add(longs(lesson.target().hard()));
            return LossTerm.crossEntropy(Reduction.SELECTED).loss(lesson);
        });
        Recipe stored = Supervision.withStored(Supervision.of(USUAL, "average"), View.plain(), watching, 1)
                .export("average");
        List<PoolLabels> given = new ArrayList<>();
        RoundPlan plan = plan(round -> {
            if (round.finished().isEmpty()) {
                return Optional.of(Stage.of("first", 0.5, ALONE));
            }
            given.add(round.label("first", List.of(1), Looking.FLIPPED));
            return round.finished().size() == 1
                    ? Optional.of(Stage.of("second", 0.5, stored).on(given.get(0)))
                    : Optional.empty();
        });

        run(plan);

        long[] label = new long[HEIGHT * WIDTH];
        for (int i = 0; i < label.length; i++) {
            label[i] = given.get(0).of(1).hard(i);
        }
        assertThat(given.get(1)).as("the network did not change").isEqualTo(given.get(0));
        assertThat(taught).hasSize(3).allSatisfy(hard -> {
            assertThat(hard).startsWith(label);
            assertThat(hard).hasSize(2 * label.length).endsWith(label); // one image twice
        });
    }

    @Test
    void looksOnceAsTheNetworkDoes_andTheSameMirroredImageMirrored() {
        try (RecipeTraining training = new RecipeTraining(RoundPlan.single(ALONE), start, LABELLED, POOL, settings(1));
                PointerScope scope = new PointerScope()) {
            training.exported().eval();
            var image = ImageTensors.images(
                    List.of(POOL.get(0).image()), settings(1).input(), Device.CPU);
            java.util.function.UnaryOperator<org.bytedeco.pytorch.Tensor> network =
                    given -> training.exported().forward(given).logits();

            float[] plain = ImageTensors.toFloats(Looking.PLAIN.probabilities(image, network));
            float[] flipped = ImageTensors.toFloats(Looking.FLIPPED.probabilities(image, network));
            float[] mirrored = ImageTensors.toFloats(
                    Looking.FLIPPED.probabilities(image.flip(3), network).flip(3));
            float[] scaled = ImageTensors.toFloats(
                    Looking.SCALED.probabilities(image, network).sum(1));

            assertThat(plain)
                    .containsExactly(ImageTensors.toFloats(network.apply(image).softmax(1)));
            assertThat(mirrored).containsExactly(flipped, org.assertj.core.data.Offset.offset(1e-6f));
            assertThat(scaled).hasSize(HEIGHT * WIDTH);
            for (float sum : scaled) {
                assertThat(sum).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void showsTruthsToTheWatch_andToNobodyElse() {
        Map<String, Mask> truths = new LinkedHashMap<>();
        for (int i = 100; i < 103; i++) {
            truths.put("scene-" + i, SCENES.scene(i).mask());
        }
        List<String> seen = new ArrayList<>();
        LabelWatch watch = (objective, taught, truth, progress) ->
                seen.add(objective + " " + truth.hard().ne(taught.hard()).numel());
        RoundPlan plan = Methods.named("mean-teacher").plan(USUAL);
        Map<String, float[]> watched;
        try (RecipeTraining training =
                new RecipeTraining(plan, start, new TrainingData(LABELLED, POOL, truths), settings(3), watch)) {
            while (!training.isDone()) {
                training.step();
            }
            watched = weights(training.exported());
        }

        assertThat(seen).hasSize(3).allMatch(text -> text.endsWith(" " + 2 * HEIGHT * WIDTH));
        assertThat(run(Methods.named("mean-teacher").plan(USUAL), 3))
                .usingRecursiveComparison()
                .isEqualTo(watched);
    }

    @Test
    void saysSo_whenAPlanEndsTooEarlyOrTooLate() {
        RoundPlan early = plan(
                round -> round.finished().isEmpty() ? Optional.of(Stage.of("half", 0.5, ALONE)) : Optional.empty());
        RoundPlan late =
                plan(round -> Optional.of(Stage.of("stage-" + round.finished().size(), 0.7, ALONE)));

        assertThatThrownBy(() -> run(early)).hasMessageContaining("ended after 3 of 6 steps");
        assertThatThrownBy(() -> run(late)).hasMessageContaining("stage-1").hasMessageContaining("above 1");
        assertThatThrownBy(() -> RoundPlan.of(List.of(Stage.of("half", 0.5, ALONE))))
                .hasMessageContaining("sum to 1");
    }

    @ParameterizedTest
    @CsvSource({"mean-teacher, 6", "three-stage, 3"
    }) // steps of the last stage, with which the next round goes on at once
    void goesOnWithMembersAndAge_whenTheRoundBeforeLeftThem(String method, int steps) throws IOException {
        RoundMemory memory = new RoundMemory(folder.resolve("left"), method + " {}");
        Map<String, float[]> end;
        try (RecipeTraining first = training(method)) {
            while (!first.isDone()) {
                first.step();
            }
            end = members(first);
            first.remember(memory);
        }
        try (RecipeTraining second = training(method)) {
            second.takeUp(memory);

            Map<String, float[]> begun = members(second);
            assertThat(begun.remove("lived")).containsExactly(steps);
            end.remove("lived");
            assertThat(begun).usingRecursiveComparison().isEqualTo(end);
        }
    }

    @Test
    void startsNew_whenWhatWasLeftIsOfAnotherMethodOrDamaged() throws IOException {
        RoundMemory left = new RoundMemory(folder.resolve("left"), "mean-teacher {}");
        try (RecipeTraining first = training("mean-teacher")) {
            first.remember(finished(first, left));
        }
        Map<String, float[]> fresh;
        try (RecipeTraining training = training("mean-teacher")) {
            fresh = members(training);
        }
        for (RoundMemory memory : List.of(
                new RoundMemory(left.file(), "mean-teacher {ramp=0.5}"),
                new RoundMemory(folder.resolve("nowhere"), left.identity()))) {
            try (RecipeTraining training = training("mean-teacher")) {
                training.takeUp(memory);

                assertThat(members(training)).usingRecursiveComparison().isEqualTo(fresh);
            }
        }
    }

    @Test
    void findsBothNetworksAgain_whenAPlanKeepsThem() throws IOException {
        RoundMemory memory = new RoundMemory(folder.resolve("left"), "dmt {}");
        try (RecipeTraining first = training("dmt")) {
            first.remember(finished(first, memory));
        }
        List<Set<String>> snapshots = new ArrayList<>();
        RoundPlan looking = plan(round -> {
            snapshots.add(round.snapshots());
            return Optional.of(Stage.of("train", 1, ALONE).from(Round.before("b-5")));
        });
        try (RecipeTraining second = new RecipeTraining(looking, start, LABELLED, POOL, settings(6))) {
            second.takeUp(memory);
            second.step();

            assertThat(snapshots.get(0)).containsExactlyInAnyOrder(Stage.ROUND, "before/a-5", "before/b-5");
        }
    }

    private static RoundMemory finished(RecipeTraining training, RoundMemory memory) {
        while (!training.isDone()) {
            training.step();
        }
        return memory;
    }

    private RecipeTraining training(String method) {
        return new RecipeTraining(Methods.named(method).plan(USUAL), start, LABELLED, POOL, settings(6));
    }

    /** Members' weights and the stage's age, as a checkpoint has them. */
    private Map<String, float[]> members(RecipeTraining training) throws IOException {
        if (!training.isDone()) {
            SegmentationNetwork unused = training.exported(); // begins the stage
        }
        Path file = folder.resolve("members");
        training.save(file);
        Map<String, float[]> members = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            Checkpoint.read(file, Device.CPU).forEach((name, tensor) -> {
                if (name.startsWith("student/weight") || name.startsWith("teacher/weight") || name.equals("lived")) {
                    members.put(name, ImageTensors.toFloats(tensor.to(torch.ScalarType.Float)));
                }
            });
        }
        return members;
    }

    private static RoundPlan plan(Function<Round, Optional<Stage>> next) {
        return new RoundPlan() {
            @Override
            public Optional<Stage> next(Round round) {
                return next.apply(round);
            }

            @Override
            public List<Recipe> recipes() {
                return List.of(ALONE);
            }
        };
    }

    private Map<String, float[]> run(RoundPlan plan) {
        return run(plan, 6);
    }

    private Map<String, float[]> run(RoundPlan plan, int steps) {
        try (RecipeTraining training = new RecipeTraining(plan, start, LABELLED, POOL, settings(steps))) {
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
            return weights;
        }
    }

    private static long[] longs(org.bytedeco.pytorch.Tensor tensor) {
        long[] values = new long[Math.toIntExact(tensor.numel())];
        tensor.contiguous().data_ptr_long().get(values);
        return values;
    }

    private static TrainingSettings settings(int steps) {
        return new TrainingSettings(steps, 2, 3e-3, 1, 0, 7, 1, ModelInput.fixed(HEIGHT, WIDTH));
    }

    private static Examples scenes(int from, int count, boolean masks) {
        List<Example> examples = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            Scene scene = SCENES.scene(i);
            examples.add(new Example("scene-" + i, scene.image(), masks ? scene.mask() : null));
        }
        return Examples.of(examples);
    }
}
