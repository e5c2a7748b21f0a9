package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.Recipe;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Which parts of which network a loss of a method teaches: one backward pass of one loss, on a network with skip connections. */
class GradientReachTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final int CLASSES = StreetScenes.classes().size();
    private static final StreetScenes SCENES = new StreetScenes(17, HEIGHT, WIDTH);
    private static final TrainingSettings SETTINGS =
            new TrainingSettings(100, 2, 3e-3, 1, 0, 7, 1, ModelInput.fixed(HEIGHT, WIDTH));
    private static final SegmentationNetwork START = trained();
    private static final Set<String> ENCODER = encoder();

    @AfterAll
    static void close() {
        START.close();
    }

    @Test
    void keepsPseudoLabelsFromTheOwnHead_inDebiasedSelfTraining() {
        Map<String, Set<String>> reached = reached("dst", Map.of("threshold", 0.0));

        assertThat(reached.get("pseudo-label"))
                .contains("student: encoder", "student: pseudo")
                .doesNotContain("student: classifier", "student: worst");
        assertThat(reached.get("worst-case"))
                .contains("student: encoder", "student: worst")
                .doesNotContain("student: classifier", "student: pseudo");
        assertThat(reached.get("worst-labelled")).doesNotContain("student: classifier", "student: pseudo");
    }

    @Test
    void teachesEachHeadByTheOther_inSelfCrossSupervision() {
        Map<String, Set<String>> reached = reached("uscs", Map.of("weaving", 1.0));

        assertThat(reached.get("first"))
                .containsExactlyInAnyOrder("student: encoder", "student: decoder", "student: classifier");
        assertThat(reached.get("second"))
                .containsExactlyInAnyOrder("student: encoder", "student: decoder", "student: second");
    }

    @Test
    void keepsWorseDecodersAndLocalisationFromTheEncoder_inErrorLocalisation() {
        Map<String, Set<String>> reached = reached("eln", Map.of("worse-1", 1.0, "worse-2", 1.0));

        assertThat(Objects.requireNonNull(reached.get("worse-1")))
                .isSubsetOf("student: worse-1"); // and nothing at all where the gate is shut
        assertThat(Objects.requireNonNull(reached.get("worse-2"))).isSubsetOf("student: worse-2");
        assertThat(reached.get("worse-1") + " " + reached.get("worse-2")).contains("student: worse-");
        for (String rightness : List.of("rightness", "rightness-worse-1", "rightness-worse-2")) {
            assertThat(reached.get(rightness)).containsExactly("localiser: all");
        }
        for (String view : List.of("weak", "colour")) {
            assertThat(reached.get("pseudo-label-" + view))
                    .containsExactlyInAnyOrder("student: encoder", "student: decoder", "student: classifier");
            assertThat(reached.get("contrast-" + view))
                    .containsExactlyInAnyOrder("student: encoder", "student: decoder", "student: projection");
        }
    }

    @Test
    void keepsTheTwoNetworksApart_inResidualCorrection() {
        Map<String, Set<String>> reached = reached("residual-correction", Map.of());

        assertThat(reached.get("residual")).containsExactly("correction: all");
        assertThat(reached.get("pseudo-label"))
                .containsExactlyInAnyOrder("student: encoder", "student: decoder", "student: classifier");
    }

    @Test
    void keepsStoredLabelsFromTheOwnHead_inThreeStageTraining() {
        List<Recipe> recipes = Methods.named("three-stage")
                .plan(new MethodSettings(ClassWeights.equal(CLASSES), Map.of(), 7))
                .recipes();
        Map<String, Set<String>> deep = reached(recipes.get(1));
        Map<String, Set<String>> light = reached(recipes.get(2));

        assertThat(deep.get("stored")).containsExactlyInAnyOrder("student: encoder", "student: auxiliary");
        assertThat(light.get("stored"))
                .containsExactlyInAnyOrder("student: encoder", "student: decoder", "student: auxiliary");
        for (Map<String, Set<String>> stage : List.of(deep, light)) {
            assertThat(stage.get("consistency"))
                    .containsExactlyInAnyOrder("student: encoder", "student: decoder", "student: classifier");
        }
    }

    /** A network that has seen enough to name more than one class. */
    private static SegmentationNetwork trained() {
        Torch.threads(1); // such small pictures gain nothing from more
        Recipe recipe = Methods.named("supervised")
                .plan(new MethodSettings(ClassWeights.equal(CLASSES), Map.of("teacher-decay", 0.0), 7))
                .recipes()
                .get(0);
        int steps = 30;
        try (SegmentationNetwork fresh = GraphNetwork.of(
                        StartingModels.named("unet-small").build(StreetScenes.classes(), HEIGHT, WIDTH, 1),
                        Device.CPU);
                StageRun run = new StageRun(
                        recipe,
                        new StageBeginnings(fresh, name -> fresh, SETTINGS),
                        SETTINGS,
                        1,
                        steps,
                        0,
                        Map.of(Recipe.LABELLED, source(Recipe.LABELLED, 0)),
                        LabelWatch.NOBODY)) {
            for (int step = 0; step < steps; step++) {
                run.step(step);
            }
            return run.exported().copy();
        }
    }

    /** Returns, for each loss of a method's last stage, the parts that its backward pass gives a gradient other than 0. */
    private static Map<String, Set<String>> reached(String method, Map<String, Double> options) {
        List<Recipe> recipes = Methods.named(method)
                .plan(new MethodSettings(ClassWeights.equal(CLASSES), options, 7))
                .recipes();
        return reached(recipes.get(recipes.size() - 1));
    }

    private static Map<String, Set<String>> reached(Recipe recipe) {
        StageBeginnings beginnings = new StageBeginnings(START, name -> START, SETTINGS);
        Map<String, SegmentationNetwork> networks = new LinkedHashMap<>();
        recipe.members()
                .forEach(member -> networks.put(member.name(), member.source().network(beginnings)));
        Map<String, Set<String>> reached = new LinkedHashMap<>();
        for (Recipe.Objective objective : recipe.phases().get(0).objectives()) {
            try (PointerScope scope = new PointerScope()) {
                Step step = new Step(
                        recipe,
                        name -> Objects.requireNonNull(networks.get(name)),
                        SETTINGS,
                        new Progress(50, 100, 1),
                        0,
                        stream -> source(stream, stream.equals(Recipe.LABELLED) ? 0 : 100)
                                .batch(0));
                step.begin(List.of(objective));
                step.loss(objective).backward();
                reached.put(objective.name(), parts(networks));
                networks.values().forEach(SegmentationNetwork::clearGradients);
            }
        }
        networks.values().forEach(SegmentationNetwork::close);
        return reached;
    }

    private static Set<String> parts(Map<String, SegmentationNetwork> networks) {
        Set<String> parts = new TreeSet<>();
        networks.forEach((member, network) -> network.parameters().forEach((name, tensor) -> {
            if (tensor.grad().defined()
                    && tensor.grad().ne(new Scalar(0.0)).any().item_bool()) {
                parts.add(member + ": " + part(name, network));
            }
        }));
        return parts;
    }

    /** The branch of a parameter, or where it stands in the network itself. */
    private static String part(String parameter, SegmentationNetwork network) {
        if (parameter.startsWith("extra/")) {
            return parameter.split("/", -1)[1];
        }
        if (!START.parameters().containsKey(parameter)
                || !START.parameters().keySet().containsAll(own(network))) {
            return "all";
        }
        if (START.head().contains(parameter)) {
            return "classifier";
        }
        return ENCODER.contains(parameter) ? "encoder" : "decoder";
    }

    private static List<String> own(SegmentationNetwork network) {
        return network.parameters().keySet().stream()
                .filter(name -> !name.startsWith("extra/"))
                .toList();
    }

    /** The parameters on which the deepest features depend. */
    private static Set<String> encoder() {
        var view = new GraphView(START.toModel());
        Set<String> read = new TreeSet<>();
        view.before("encoder").forEach(node -> read.addAll(view.node(node).getInputList()));
        return read;
    }

    private static BatchSource source(String name, int from) {
        List<Example> examples = new ArrayList<>();
        for (int i = from; i < from + 2; i++) {
            Scene scene = SCENES.scene(i);
            examples.add(new Example("scene-" + i, scene.image(), scene.mask())); // as if the pool's labels were stored
        }
        return new BatchSource(Examples.of(examples), null, null, Map.of(), SETTINGS, name, Device.CPU);
    }
}
