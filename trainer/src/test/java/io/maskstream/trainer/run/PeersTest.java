package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.block.Branch;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.NetworkSource;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.RecipeBuilder;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.method.Supervision;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.network.Taps;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks that start from one must not stay one: they are trained for real on generated scenes and compared on others. */
class PeersTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final int CLASSES = StreetScenes.classes().size();
    private static final int STEPS = 20;
    private static final StreetScenes SCENES = new StreetScenes(5, HEIGHT, WIDTH);
    private static final Examples LABELLED = scenes(0, 8);
    private static final Examples UNLABELLED = scenes(100, 8);
    private static final SegmentationNetwork FRESH =
            GraphNetwork.of(StartingModels.named("light").build(StreetScenes.classes(), HEIGHT, WIDTH, 1), Device.CPU);
    private static SegmentationNetwork start = FRESH;
    private static Map<String, float[]> supervised = Map.of();

    @BeforeAll
    static void learnSomething() {
        Torch.threads(1); // such small pictures gain nothing from more
        try (StageRun run = run("supervised", Map.of("teacher-decay", 0.9))) {
            train(run);
            start = run.exported().copy();
        }
        supervised = weights("supervised", Map.of());
    }

    @AfterAll
    static void close() {
        start.close();
        FRESH.close();
    }

    @Test
    void disagreeHereAndThere_whenTheyTeachEachOther() {
        try (StageRun run = run("cps", Map.of())) {
            double before = disagreement(run);
            train(run);
            double after = disagreement(run);

            assertThat(before).isBetween(0.01, 0.6);
            assertThat(after).isBetween(0.01, 0.4);
        }
    }

    @Test
    void differByTheirOwnViewsOfAnnotationsAlone_whenNothingIsRedrawn() {
        try (StageRun run = run("cps", Map.of("peer-novelty", 0.0))) {
            assertThat(disagreement(run)).isZero();
            train(run);

            assertThat(disagreement(run)).isGreaterThan(0.002);
        }
    }

    /** What the tests of all methods run as it usually is, in the other forms that options give it. */
    @ParameterizedTest
    @CsvSource({
        "dml, networks=3 sum-over-peers=1",
        "cps, mixing=0",
        "n-cps, mixing=0 networks=2 normalised=1",
        "n-cps, vote=1",
        "n-cps, vote=2 mixing=0",
        "n-cps, vote=3 threshold=0.5",
        "ucc, paste=1",
        "ucc, paste=0",
        "ccvc, strong=0",
        "cpcl, dispute-memory=0.9"
    })
    void learnsFromUnlabelledImages_orIsSupervisedWithoutThem(String method, String form) {
        Map<String, Double> options = new HashMap<>();
        for (String option : form.split(" ", -1)) {
            options.put(option.split("=", -1)[0], Double.valueOf(option.split("=", -1)[1]));
        }
        Map<String, float[]> learned = weights(method, options);
        options.put("unlabelled-weight", 0.0);
        Map<String, float[]> off = weights(method, options);

        assertThat(off).usingRecursiveComparison().isEqualTo(supervised);
        assertThat(learned).usingRecursiveComparison().isNotEqualTo(off);
        assertThat(learned.values()).allSatisfy(values -> assertThat(values).doesNotContain(Float.NaN));
    }

    @Test
    void takesTheLabelFromThePassThatLearns_whenBothAreInTraining() {
        List<Boolean> same = new ArrayList<>();
        LossTerm term = LossTerm.named("watched", lesson -> {
            PseudoLabel label = lesson.target(); // first, under no gradient
            Tensor learned = lesson.learner().logits();
            same.add(lesson.giver(0).logits().data_ptr_float().address()
                    == learned.data_ptr_float().address());
            Tensor loss = LossTerm.crossEntropy(Reduction.VALID).loss(lesson.learner(), label);
            assertThat(loss.requires_grad()).isTrue();
            return loss;
        });
        Recipe recipe = new RecipeBuilder()
                .learner("student")
                .label(Labelling.by("student", "own-opinion", Recipe.UNLABELLED).inTraining())
                .label("in-use", "student", Recipe.UNLABELLED)
                .learn("same", "student", Recipe.UNLABELLED, "own-opinion", term, Schedule.constant(1))
                .learn("other", "student", Recipe.UNLABELLED, "in-use", term, Schedule.constant(1))
                .export("student");
        try (StageRun run = run(recipe, Recipe.LABELLED, Recipe.UNLABELLED)) {
            assertThat(run.step(0)).isPositive();
        }

        assertThat(same).containsExactly(true, false);
    }

    @Test
    void leavesOutWhatShowsUnlabelledPixels_whenThereAreNone() {
        Recipe recipe = recipe("ucc", Map.of("paste", 1.0));
        assertThat(recipe.needsUnlabelled("labelled-pasted")).isTrue();
        assertThat(recipe.isUnlabelled("labelled-pasted")).isFalse();
        assertThat(recipe.needsUnlabelled(Supervision.LABELLED_WEAK)).isFalse();

        try (StageRun run = run(recipe, Recipe.LABELLED)) {
            assertThat(run.step(0)).isPositive();
        }
    }

    @Test
    void isCrossPseudoSupervision_whenOnlyTwoOfManyTakePart() {
        assertThat(weights("n-cps", Map.of("networks", 2.0, "unlabelled-weight", 1.0)))
                .usingRecursiveComparison()
                .isEqualTo(weights("cps", Map.of()));
    }

    @Test
    void turnsTheLastLayersAlone_byTheNoveltyAndWithoutGrowth() {
        try (PointerScope scope = new PointerScope();
                SegmentationNetwork half =
                        NetworkSource.START.withHeadRedrawn(0.5, "peer-2").network(beginnings());
                SegmentationNetwork same =
                        NetworkSource.START.withHeadRedrawn(0, "peer-2").network(beginnings());
                SegmentationNetwork other =
                        NetworkSource.START.withHeadRedrawn(0.5, "peer-3").network(beginnings())) {
            assertThat(half.head()).isNotEmpty();
            half.parameters().forEach((name, weight) -> {
                Tensor old = Objects.requireNonNull(start.parameters().get(name));
                assertThat(ImageTensors.toFloats(
                                Objects.requireNonNull(same.parameters().get(name))))
                        .isEqualTo(ImageTensors.toFloats(old));
                boolean turned = half.head().contains(name) && weight.dim() > 1;
                assertThat(weight.equal(old)).as(name).isEqualTo(!turned);
                if (turned) {
                    double cosine = torch.cosine_similarity(weight.flatten(), old.flatten(), 0, 1e-8)
                            .item_float();
                    assertThat(cosine).isCloseTo(Math.sqrt(0.75), within(0.12));
                    assertThat(weight.norm().item_float() / old.norm().item_float())
                            .isCloseTo(1, within(0.15f));
                    assertThat(weight.equal(other.parameters().get(name))).isFalse();
                }
            });
        }
    }

    @Test
    void passesWhatItKnows_throughAMappingThatIsNotRandom() {
        try (PointerScope scope = new PointerScope();
                SegmentationNetwork same = mapped(0);
                SegmentationNetwork random = mapped(1)) {
            Tensor images = torch.rand(2, 3, HEIGHT, WIDTH);
            Tensor plain = start.forward(images).logits();

            assertThat(torch.allclose(same.forward(images).logits(), plain, 1e-4, 1e-4, false))
                    .isTrue();
            assertThat(torch.allclose(random.forward(images).logits(), plain, 1e-2, 1e-2, false))
                    .isFalse();
            assertThat(random.head()).isEqualTo(start.head());
            Tensor features = random.forward(images, Taps.of(Taps.DECODER)).get(Taps.DECODER);
            features.sum().backward();
            assertThat(Objects.requireNonNull(random.parameters().get("mapping/weight"))
                            .grad()
                            .defined())
                    .isTrue();
        }
    }

    @Test
    void growsPeers_onANetworkFromElsewhere() throws Exception {
        Path path = Path.of(System.getProperty("maskstream.models", "models"), "deeplabv3-mobilenetv2-05-voc.onnx");
        assumeTrue(Files.exists(path), "the shared models are not here: " + path);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                SegmentationNetwork brought = GraphNetwork.of(ModelFile.read(path), Device.CPU)) {
            StageBeginnings from = new StageBeginnings(brought, name -> brought, settings());
            Tensor images = torch.rand(1, 3, 97, 129);
            Tensor plain = brought.forward(images).logits();
            NetworkSource mapping = NetworkSource.START.with(Branch.mapping(Taps.DECODER, 0));
            NetworkSource second =
                    NetworkSource.START.with(Branch.decoder("second", Taps.ENCODER, ExtraBranches.Start.COPIED));
            try (SegmentationNetwork mapped = mapping.network(from);
                    SegmentationNetwork same = second.network(from);
                    SegmentationNetwork turned =
                            second.withBranchRedrawn(0.5, "second").network(from)) {
                assertThat(torch.allclose(mapped.forward(images).logits(), plain, 1e-3, 1e-3, false))
                        .isTrue();
                assertThat(torch.allclose(same.forward(images).logits("second"), plain, 1e-4, 1e-4, false))
                        .isTrue();
                assertThat(torch.allclose(turned.forward(images).logits(), plain, 1e-4, 1e-4, false))
                        .isTrue();
                assertThat(torch.allclose(turned.forward(images).logits("second"), plain, 0.1, 0.1, false))
                        .isFalse();
            }
        }
    }

    private static SegmentationNetwork mapped(double novelty) {
        return NetworkSource.START.with(Branch.mapping(Taps.DECODER, novelty)).network(beginnings());
    }

    /** Returns the share of pixels to which the first two networks give different classes, on scenes that neither saw. */
    private static double disagreement(StageRun run) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor first = classes(run.network("student"));
            Tensor second = classes(run.network("peer-2"));
            return first.ne(second).to(torch.ScalarType.Float).mean().item_float();
        }
    }

    private static Tensor classes(SegmentationNetwork network) {
        network.eval();
        Tensor images = ImageTensors.normalise(
                stream(scenes(500, 4), "unseen").batch(0).pixels(), ModelInput.fixed(HEIGHT, WIDTH));
        return network.forward(images).logits().argmax(new LongOptional(1), false);
    }

    private static Map<String, float[]> weights(String method, Map<String, Double> options) {
        Map<String, float[]> weights = new LinkedHashMap<>();
        try (StageRun run = run(method, options);
                PointerScope scope = new PointerScope()) {
            run.step(0);
            run.step(1);
            run.exported().parameters().forEach((name, tensor) -> weights.put(name, ImageTensors.toFloats(tensor)));
        }
        return weights;
    }

    private static void train(StageRun run) {
        for (int step = 0; step < STEPS; step++) {
            run.step(step);
        }
    }

    private static StageBeginnings beginnings() {
        return new StageBeginnings(start, name -> start, settings());
    }

    private static TrainingSettings settings() {
        return new TrainingSettings(STEPS, 3, 3e-3, 1, 0, 7, 1, ModelInput.fixed(HEIGHT, WIDTH));
    }

    private static StageRun run(String method, Map<String, Double> options) {
        return run(recipe(method, options), Recipe.LABELLED, Recipe.UNLABELLED);
    }

    private static Recipe recipe(String method, Map<String, Double> options) {
        return Methods.named(method)
                .plan(new MethodSettings(ClassWeights.equal(CLASSES), options, 7))
                .recipes()
                .get(0);
    }

    private static StageRun run(Recipe recipe, String... streams) {
        Map<String, BatchSource> sources = new HashMap<>();
        for (String name : streams) {
            sources.put(name, stream(name.equals(Recipe.LABELLED) ? LABELLED : UNLABELLED, name));
        }
        return new StageRun(recipe, beginnings(), settings(), 1, STEPS, 0, sources, LabelWatch.NOBODY);
    }

    private static BatchSource stream(Examples examples, String name) {
        return new BatchSource(examples, null, null, Map.of(), settings(), name, Device.CPU);
    }

    private static Examples scenes(int from, int count) {
        List<Example> examples = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            Scene scene = SCENES.scene(i);
            examples.add(new Example("scene-" + i, scene.image(), scene.mask()));
        }
        return Examples.of(examples);
    }
}
