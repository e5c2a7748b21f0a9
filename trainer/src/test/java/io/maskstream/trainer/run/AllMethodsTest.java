package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.block.Recipe.Labelling;
import io.maskstream.trainer.block.Recipe.Member;
import io.maskstream.trainer.block.Recipe.Objective;
import io.maskstream.trainer.block.Recipe.Phase;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.method.Option;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds for every method that can be named, whatever it does: each stage of each is run for real on generated scenes, by itself
 * and from the same network.
 */
class AllMethodsTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final int CLASSES = StreetScenes.classes().size();
    private static final int STEPS = 3;
    private static final StreetScenes SCENES = new StreetScenes(11, HEIGHT, WIDTH);
    private static final Examples LABELLED = scenes(0);
    private static final Examples UNLABELLED = scenes(100); // as if labels of theirs were stored
    private static final SegmentationNetwork START =
            GraphNetwork.of(StartingModels.named("light").build(StreetScenes.classes(), HEIGHT, WIDTH, 1), Device.CPU);

    @BeforeAll
    static void oneThread() {
        Torch.threads(1); // such small pictures gain nothing from more
    }

    @AfterAll
    static void close() {
        START.close();
    }

    static List<String> methods() {
        return Methods.all().stream().map(Method::name).toList();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void equalsSupervisedInEveryStage_whenUnlabelledImagesDoNotCount(String name) {
        Map<String, float[]> supervised;
        try (StageRun run = run(recipes("supervised", Map.of()).get(0))) {
            supervised = learned(run);
        }
        List<Recipe> off = recipes(name, off(Methods.named(name)));
        assertThat(off)
                .as("a round in one piece, as supervised learning has it")
                .hasSize(1);
        for (Recipe recipe : off) {
            try (StageRun run = run(recipe)) {
                assertThat(learned(run))
                        .as(recipe + " with every weight at 0")
                        .usingRecursiveComparison()
                        .isEqualTo(supervised);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void exportsTheNetworkThatCame_withoutBranches(String name) {
        for (Recipe recipe : recipes(name, Map.of())) {
            try (StageRun run = run(recipe)) {
                ModelProto model = run.exported().toModel();
                assertThat(values(model)).as(recipe.toString()).isEqualTo(values(START.toModel()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void teachesOnlyTheLearner_bySoundLabels(String name) {
        for (Recipe recipe : recipes(name, Map.of())) {
            List<StageRun> running = new ArrayList<>();
            Recipe watched = rewired(
                    recipe,
                    labelling -> refinedBy(
                            labelling,
                            Stream.concat(Stream.of(withoutACorner()), labelling.refinements().stream())
                                    .map(refinement -> watched(refinement, labelling.name()))
                                    .toList()),
                    objective -> taughtBy(objective, LossTerm.named(objective.name(), lesson -> {
                        requireSound(lesson.target(), objective.name());
                        Tensor loss = objective.term().loss(lesson);
                        requireGradientInTheLearnerAlone(loss, objective, recipe, running.get(0));
                        return loss;
                    })));
            try (StageRun run = run(watched)) {
                running.add(run);
                for (int step = 0; step < 2; step++) {
                    assertThat(run.step(step)).isFinite();
                }
                for (Member member : recipe.members()) {
                    assertThat(slopes(run.network(member.name())))
                            .as(member.name() + " after the step")
                            .isEqualTo(0);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void losesNothingAndStaysFinite_whenEveryPixelIsIgnored(String name) {
        for (Recipe recipe : recipes(name, Map.of())) {
            Map<String, Double> losses = new LinkedHashMap<>();
            Recipe blind = rewired(
                    recipe,
                    labelling -> refinedBy(
                            labelling,
                            Stream.concat(labelling.refinements().stream(), Stream.of(nothing()))
                                    .toList()),
                    objective -> taughtBy(objective, LossTerm.named(objective.name(), lesson -> {
                        Tensor loss = objective.term().loss(lesson);
                        assertThat(loss.requires_grad())
                                .as("gradient of " + objective.name())
                                .isTrue();
                        losses.put(objective.name(), loss.item_double());
                        return loss;
                    })));
            try (StageRun run = run(blind, ignored(LABELLED), ignored(UNLABELLED))) {
                for (int step = 0; step < 2; step++) {
                    assertThat(run.step(step)).isFinite();
                    assertThat(losses).as(recipe + ", no pixel counts").allSatisfy((objective, loss) -> assertThat(loss)
                            .isZero());
                }
                learned(run).forEach((weight, values) -> assertThat(values)
                        .as(weight)
                        .doesNotContain(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void takesSomethingFromUnlabelledImages_whereItLooksAtThem(String name) {
        Method method = Methods.named(name);
        List<Recipe> with = recipes(name, Map.of());
        Recipe without = recipes(name, off(method)).get(0);
        boolean differs = false;
        boolean looks = false;
        for (int i = 0; i < with.size() && !differs; i++) {
            if (with.get(i).usesUnlabelled()) {
                looks = true;
                try (StageRun on = run(with.get(i));
                        StageRun off = run(without)) {
                    Map<String, float[]> learned = learned(on);
                    Map<String, float[]> supervised = learned(off);
                    differs = learned.entrySet().stream()
                            .anyMatch(entry -> !Arrays.equals(
                                    entry.getValue(), Objects.requireNonNull(supervised.get(entry.getKey()))));
                }
            }
        }
        assertThat(differs).as("differs from supervised, as it looks at them").isEqualTo(looks);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void saysWhatItIsMadeOf_inWords(String name) {
        Method method = Methods.named(name);
        assertThat(method.name()).matches("[a-z0-9]+(-[a-z0-9]+)*(\\+\\+)?");
        assertThat(method.citation()).matches(".+: .+ \\d{4}$|.+\\. .+ \\d{4}$");
        assertThat(method.options()).extracting(Option::name).doesNotHaveDuplicates();
        assertThat(method.options()).allSatisfy(option -> {
            assertThat(option.name()).matches("[a-z0-9]+(-[a-z0-9]+)*");
            assertThat(option.meaning()).isNotBlank();
            assertThat(option.usual()).isBetween(option.least(), option.most());
        });
        for (Recipe recipe : recipes(name, Map.of())) {
            assertThat(recipe.toString()).doesNotContain("$$Lambda").doesNotContainPattern("@[0-9a-f]{5,}");
        }
    }

    /** The recipes of a round's stages, with settings under which a few steps show what they do. */
    private static List<Recipe> recipes(String name, Map<String, Double> more) {
        Method method = Methods.named(name);
        Map<String, Double> options = new LinkedHashMap<>();
        for (Option option : method.options()) {
            if (option.name().equals("threshold")) {
                options.put(option.name(), Math.max(option.least(), 0.1));
            } else if (option.name().equals("ramp")) {
                options.put(option.name(), option.least());
            } else if (option.name().equals("teacher-decay")) {
                options.put(option.name(), 0.9);
            }
        }
        options.putAll(more);
        return method.plan(new MethodSettings(ClassWeights.equal(CLASSES), options, 7).checkedFor(method))
                .recipes();
    }

    /** Every weight of a loss at 0, {@code unlabelled-weight} first of all. */
    private static Map<String, Double> off(Method method) {
        Map<String, Double> options = new LinkedHashMap<>();
        for (Option option : method.options()) {
            if (option.name().endsWith("weight") && option.least() == 0) {
                options.put(option.name(), 0.0);
            }
        }
        return options;
    }

    private static StageRun run(Recipe recipe) {
        return run(recipe, LABELLED, UNLABELLED);
    }

    private static StageRun run(Recipe recipe, Examples labelled, Examples unlabelled) {
        TrainingSettings settings = new TrainingSettings(STEPS, 2, 3e-3, 1, 0, 7, 1, ModelInput.fixed(HEIGHT, WIDTH));
        return new StageRun(
                recipe,
                new StageBeginnings(START, name -> START, settings),
                settings,
                1,
                STEPS,
                0,
                Map.of(
                        Recipe.LABELLED, stream(labelled, settings, Recipe.LABELLED),
                        Recipe.UNLABELLED, stream(unlabelled, settings, Recipe.UNLABELLED)),
                LabelWatch.NOBODY);
    }

    private static BatchSource stream(Examples examples, TrainingSettings settings, String name) {
        return new BatchSource(examples, null, null, Map.of(), settings, name, Device.CPU);
    }

    /** Runs what is left of the stage and returns the exported weights and statistics. */
    private static Map<String, float[]> learned(StageRun run) {
        for (int step = 0; step < STEPS; step++) {
            run.step(step);
        }
        try (PointerScope scope = new PointerScope()) {
            Map<String, float[]> weights = new LinkedHashMap<>();
            run.exported().parameters().forEach((key, tensor) -> weights.put(key, ImageTensors.toFloats(tensor)));
            run.exported().buffers().forEach((key, tensor) -> weights.put(key, ImageTensors.toFloats(tensor)));
            return weights;
        }
    }

    private static List<String> values(ModelProto model) {
        return Stream.concat(
                        model.getGraph().getInitializerList().stream().map(TensorProto::getName),
                        model.getGraph().getOutputList().stream().map(ValueInfoProto::getName))
                .sorted()
                .toList();
    }

    private static Recipe rewired(
            Recipe recipe, UnaryOperator<Labelling> labellings, UnaryOperator<Objective> objectives) {
        return new Recipe(
                recipe.members(),
                recipe.inputs(),
                recipe.phases().stream()
                        .map(phase -> new Phase(
                                phase.labellings().stream().map(labellings).toList(),
                                phase.objectives().stream().map(objectives).toList(),
                                phase.transfers()))
                        .toList(),
                recipe.exported(),
                recipe.features(),
                recipe.banks());
    }

    private static Labelling refinedBy(Labelling labelling, List<Refinement> refinements) {
        return new Labelling(
                labelling.name(),
                labelling.givers(),
                labelling.input(),
                labelling.training(),
                labelling.labeler(),
                refinements);
    }

    /** The objective with another loss and a weight that is never 0, so that it has its part in every step. */
    private static Objective taughtBy(Objective objective, LossTerm term) {
        return new Objective(
                objective.name(),
                objective.learner(),
                objective.input(),
                objective.look(),
                objective.target(),
                term,
                Schedule.constant(1));
    }

    private static Refinement withoutACorner() {
        return (label, progress) -> {
            Tensor corner = torch.zeros_like(label.weight());
            var unused = corner.narrow(1, 0, HEIGHT / 3).narrow(2, 0, WIDTH / 3).fill_(new Scalar(1.0));
            return label.hiding(corner.to(torch.ScalarType.Bool));
        };
    }

    private static Refinement nothing() {
        return (label, progress) -> label.weighted(torch.zeros_like(label.weight()));
    }

    /** What keeps the class of every pixel that has one is a filter, and a filter only takes away. */
    private static Refinement watched(Refinement refinement, String labelling) {
        return (label, progress) -> {
            PseudoLabel refined = refinement.refine(label, progress);
            requireSound(refined, labelling + " after " + refinement);
            Tensor dropped = label.hard().eq(new Scalar(Mask.IGNORE));
            Tensor kept = refined.hard().ne(new Scalar(Mask.IGNORE));
            long changed = count(dropped.logical_not()
                    .logical_and(kept)
                    .logical_and(label.hard().ne(refined.hard())));
            if (changed == 0) {
                assertThat(count(dropped.logical_and(kept)))
                        .as(refinement + " makes a class of 255")
                        .isZero();
                assertThat(count(refined.weight().gt(label.weight().add(new Scalar(1e-6)))))
                        .as(refinement + " raises weights")
                        .isZero();
            }
            return refined;
        };
    }

    private static void requireSound(PseudoLabel label, String what) {
        Tensor none = label.hard().eq(new Scalar(Mask.IGNORE));
        assertThat(count(label.weight()
                        .lt(new Scalar(0.0))
                        .logical_or(label.weight().gt(new Scalar(1.0)))))
                .as(what + ": weights outside [0, 1]")
                .isZero();
        assertThat(count(label.weight().eq(new Scalar(0.0)).ne(none)))
                .as(what + ": weight is 0 where hard is 255, and nowhere else")
                .isZero();
        assertThat(count(label.hard()
                        .ge(new Scalar(CLASSES))
                        .logical_and(none.logical_not())
                        .logical_or(label.hard().lt(new Scalar(0)))))
                .as(what + ": no such class")
                .isZero();
        assertThat(count(label.valid().logical_not().logical_and(none.logical_not())))
                .as(what + ": padding with a class")
                .isZero();
        assertThat(label.weight().requires_grad() || label.confidence().requires_grad())
                .as(what + ": a label with a gradient")
                .isFalse();
        assertThat(label.probabilities().map(Tensor::requires_grad).orElse(false))
                .as(what + ": probabilities with a gradient")
                .isFalse();
    }

    private static void requireGradientInTheLearnerAlone(
            Tensor loss, Objective objective, Recipe recipe, StageRun run) {
        loss.backward(new Tensor(), new BoolOptional(true), false, new TensorArrayRefOptional());
        for (Member member : recipe.members()) {
            SegmentationNetwork network = run.network(member.name());
            if (!member.name().equals(objective.learner())) {
                assertThat(slopes(network))
                        .as("gradient of " + objective.name() + " in " + member.name())
                        .isZero();
            }
            network.clearGradients();
        }
    }

    /** Counts parameters with a gradient other than 0. */
    private static long slopes(SegmentationNetwork network) {
        return network.parameters().values().stream()
                .filter(parameter ->
                        parameter.grad().defined() && count(parameter.grad().ne(new Scalar(0.0))) > 0)
                .count();
    }

    private static long count(Tensor where) {
        return where.sum().item_long();
    }

    private static Examples ignored(Examples examples) {
        List<Example> ignored = new ArrayList<>();
        byte[] nothing = new byte[HEIGHT * WIDTH];
        Arrays.fill(nothing, (byte) Mask.IGNORE);
        for (int i = 0; i < examples.size(); i++) {
            Example example = examples.get(i);
            ignored.add(new Example(example.id(), example.image(), new Mask(HEIGHT, WIDTH, Bytes.wrap(nothing))));
        }
        return Examples.of(ignored);
    }

    private static Examples scenes(int from) {
        List<Example> examples = new ArrayList<>();
        for (int i = from; i < from + 4; i++) {
            Scene scene = SCENES.scene(i);
            examples.add(new Example("scene-" + i, scene.image(), scene.mask()));
        }
        return Examples.of(examples);
    }
}
