package io.maskstream.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.block.ClassWeights;
import io.maskstream.trainer.block.round.RoundPlan;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.libtorch.Checkpoint;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Precision;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.method.Method;
import io.maskstream.trainer.method.MethodSettings;
import io.maskstream.trainer.method.Methods;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What may go wrong in a long training, and what must not: trained for real on generated scenes. */
class TrainingLastsTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final int CLASSES = StreetScenes.classes().size();
    private static final StreetScenes SCENES = new StreetScenes(5, HEIGHT, WIDTH);
    private static final Examples LABELLED = scenes(0, 6, true);
    private static final Examples UNLABELLED = scenes(100, 6, false);
    private static final int STEPS = 7;
    private static final List<Integer> STOPS = List.of(1, 4);

    private static final int LONG = 2000;
    private static final int WARM_UP = 200;
    private static final int WINDOWS = 3;
    private static final long ALLOWED = 48L << 20; // a step makes about 3 MiB of tensors; 1 in 100 leaked would hold 54

    @TempDir
    private Path folder;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1); // such small pictures gain nothing from more
    }

    static List<String> methods() {
        return Methods.all().stream().map(Method::name).toList();
    }

    @ParameterizedTest
    @MethodSource("methods")
    void endsWithTheSameBits_whereverItWasStopped(String method) throws IOException {
        try (SegmentationNetwork start = GraphNetwork.of(withDropout(), Device.CPU)) {
            Map<String, float[]> whole;
            try (RecipeTraining training = training(method, start, settings(STEPS, 1))) {
                for (int step = 0; step < STEPS; step++) {
                    if (STOPS.contains(step)) {
                        training.save(folder.resolve("checkpoint-" + step));
                    }
                    training.step();
                }
                whole = state(training);
            }
            for (int stopped : STOPS) {
                try (RecipeTraining again = training(method, start, settings(STEPS, 1))) {
                    again.restore(folder.resolve("checkpoint-" + stopped));
                    while (!again.isDone()) {
                        again.step();
                    }
                    assertThat(state(again)).usingRecursiveComparison().isEqualTo(whole);
                }
            }
        }
    }

    @Test
    void namesStepAndNode_whenTheLossIsNoNumber() {
        try (SegmentationNetwork start = GraphNetwork.of(withDropout(), Device.CPU)) {
            fill(start, "second", Float.POSITIVE_INFINITY);
            try (RecipeTraining training = training("supervised", start, settings(STEPS, 1))) {
                assertThatThrownBy(training::step)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("at step 1")
                        .hasMessageContaining("features:Conv")
                        .hasMessageContaining("NaN")
                        .hasMessageContaining("learning-rate");
            }
        }
    }

    @Test
    void namesTheParameterAndItsNode_whenAGradientIsNoNumber() {
        GraphBuilder graph = GraphBuilder.empty("root");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        graph.named("zero", "Conv", List.of("image", graph.weight("flat", new float[12], 4, 3, 1, 1)));
        String root = graph.node("Sqrt", List.of("zero")); // its slope at 0 is infinite
        graph.named("logits", "Conv", List.of(root, noise(graph, "c", CLASSES, 4, 1, 1)));
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", Integer.toString(CLASSES), "H", "W");
        try (SegmentationNetwork start = GraphNetwork.of(graph.build(), Device.CPU);
                RecipeTraining training = training("supervised", start, settings(STEPS, 1))) {
            assertThatThrownBy(training::step)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a gradient is no finite number at step 1")
                    .hasMessageContaining("'flat'")
                    .hasMessageContaining("zero:Conv")
                    .hasMessageContaining("gradient-clip");
        }
    }

    @Test
    void movesNoFurther_whenGradientsAreClipped() {
        try (SegmentationNetwork start = GraphNetwork.of(withDropout(), Device.CPU);
                PointerScope scope = new PointerScope()) {
            start.train();
            Tensor image = torch.ones(2, 3, HEIGHT, WIDTH);
            start.forward(image).logits().mul(new Scalar(100)).sum().backward();
            double norm = Gradients.norm(start.parameters());
            double byHand = Math.sqrt(start.parameters().values().stream()
                    .filter(parameter -> parameter.grad().defined())
                    .mapToDouble(parameter -> {
                        double sum = 0;
                        for (float value : ImageTensors.toFloats(parameter.grad())) {
                            sum += (double) value * value;
                        }
                        return sum;
                    })
                    .sum());

            Gradients.scale(start.parameters(), 0.5 / norm);

            assertThat(norm).isCloseTo(byHand, within(1e-4 * byHand));
            assertThat(Gradients.norm(start.parameters())).isCloseTo(0.5, within(1e-4));
        }
    }

    @Test
    void leavesWhatIsFrozen_andItsStatistics() {
        ModelMetadata metadata = ModelMetadata.starting(
                        "main", "v", StreetScenes.classes(), ModelInput.fixed(HEIGHT, WIDTH))
                .withFrozen(List.of("first", "bn.*"));
        try (SegmentationNetwork start = GraphNetwork.of(metadata.writeTo(withDropout()), Device.CPU);
                RecipeTraining training = training("supervised", start, settings(STEPS, 1))) {
            assertThat(start.parameters()).containsOnlyKeys("second", "classifier");
            assertThat(start.buffers()).isEmpty();
            Map<String, byte[]> before = initializers(start.toModel());

            training.step();
            training.step();

            Map<String, byte[]> after = initializers(training.exported().toModel());
            Set<String> changed = new TreeSet<>();
            after.forEach((name, bytes) -> {
                if (!Arrays.equals(bytes, before.get(name))) {
                    changed.add(name);
                }
            });
            assertThat(changed).containsExactly("classifier", "second");
        }
    }

    @Test
    void reachesAboutTheSameLoss_inMixedPrecision() {
        ModelProto model = StartingModels.named("light").build(StreetScenes.classes(), HEIGHT, WIDTH, 1);
        double full = lastLoss(model, Precision.FLOAT32);
        double mixed = lastLoss(model, Precision.MIXED);

        assertThat(mixed).isNotEqualTo(full).isCloseTo(full, within(0.1 * full));
    }

    @Test
    void keepsThePrecisionItBeganWith_whenItGoesOn() throws IOException {
        try (SegmentationNetwork start = GraphNetwork.of(withDropout(), Device.CPU)) {
            start.compute(Precision.MIXED);
            Map<String, float[]> whole;
            try (RecipeTraining training = training("supervised", start, settings(STEPS, 1))) {
                training.step();
                training.save(folder.resolve("mixed"));
                training.step();
                whole = state(training);
            }
            start.compute(Precision.FLOAT32);
            try (RecipeTraining again = training("supervised", start, settings(STEPS, 1))) {
                again.restore(folder.resolve("mixed"));
                again.step();

                assertThat(state(again)).usingRecursiveComparison().isEqualTo(whole);
            }
        }
    }

    @Test
    void holdsNoMoreMemory_afterTwoThousandSteps() throws IOException {
        try (SegmentationNetwork start = GraphNetwork.of(withDropout(), Device.CPU);
                RecipeTraining training = training("mean-teacher", start, small(LONG))) {
            while (training.done() < WARM_UP) {
                training.step();
            }
            System.gc();
            long pointers = Pointer.totalBytes();
            long least = Long.MAX_VALUE; // the heap may give pages back in one window, a leak grows in each
            for (int window = 1; window <= WINDOWS; window++) {
                long before = Pointer.physicalBytes() - heap();
                while (training.done() < WARM_UP + (LONG - WARM_UP) / WINDOWS * window) {
                    training.step();
                }
                training.save(folder.resolve("long"));
                System.gc();
                least = Math.min(least, Pointer.physicalBytes() - heap() - before);
            }

            assertThat(training.isDone()).isTrue();
            assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(pointers + (1 << 20));
            assertThat(least).isLessThan(ALLOWED / WINDOWS);
        }
    }

    /** What the virtual machine holds for Java objects; the rest of the resident memory is native. */
    private static long heap() {
        return Runtime.getRuntime().totalMemory();
    }

    private static double lastLoss(ModelProto model, Precision precision) {
        try (SegmentationNetwork start = GraphNetwork.of(model, Device.CPU)) {
            start.compute(precision);
            try (RecipeTraining training = training("supervised", start, settings(25, 0))) {
                double sum = 0;
                while (!training.isDone()) {
                    double loss = training.step();
                    sum += training.done() > 15 ? loss : 0;
                }
                return sum / 10;
            }
        }
    }

    /** Weights, running statistics and the optimiser's state: all that a checkpoint keeps. */
    private Map<String, float[]> state(RecipeTraining training) throws IOException {
        Path file = folder.resolve("state");
        training.save(file);
        Map<String, float[]> state = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            Checkpoint.read(file, Device.CPU)
                    .forEach((name, tensor) ->
                            state.put(name, ImageTensors.toFloats(tensor.to(torch.ScalarType.Float))));
        }
        return state;
    }

    private static Map<String, byte[]> initializers(ModelProto model) {
        Map<String, byte[]> bytes = new LinkedHashMap<>();
        model.getGraph()
                .getInitializerList()
                .forEach(weight ->
                        bytes.put(weight.getName(), weight.getRawData().toByteArray()));
        return bytes;
    }

    private static void fill(SegmentationNetwork network, String parameter, float value) {
        try (NoGradGuard guard = new NoGradGuard();
                PointerScope scope = new PointerScope()) {
            Objects.requireNonNull(network.parameters().get(parameter)).fill_(new Scalar(value));
        }
    }

    /** Convolution, normalisation, dropout, convolution, classifier. */
    private static ModelProto withDropout() {
        GraphBuilder graph = GraphBuilder.empty("dropout");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        String first = graph.node(
                "Conv", List.of("image", noise(graph, "first", 8, 3, 3, 3)), Attributes.ints("pads", 1, 1, 1, 1));
        float[] ones = {1, 1, 1, 1, 1, 1, 1, 1};
        String normal = graph.node(
                "BatchNormalization",
                List.of(
                        first,
                        graph.weight("bn.scale", ones, 8),
                        graph.weight("bn.shift", new float[8], 8),
                        graph.weight("bn.mean", new float[8], 8),
                        graph.weight("bn.variance", ones, 8)));
        String active = graph.node("Relu", List.of(normal));
        String dropped = graph.node("Dropout", List.of(active, graph.scalar(0.3)));
        graph.named("features", "Conv", List.of(dropped, noise(graph, "second", 8, 8, 1, 1)));
        graph.named("logits", "Conv", List.of("features", noise(graph, "classifier", CLASSES, 8, 1, 1)));
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", Integer.toString(CLASSES), "H", "W");
        return graph.build();
    }

    private static String noise(GraphBuilder graph, String name, int... shape) {
        long[] sides = Arrays.stream(shape).asLongStream().toArray();
        float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        Random random = new Random(name.hashCode());
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.3 * random.nextGaussian());
        }
        return graph.weight(name, values, sides);
    }

    private static RecipeTraining training(String method, SegmentationNetwork start, TrainingSettings settings) {
        RoundPlan plan = Methods.named(method).plan(settingsOf(method));
        return new RecipeTraining(plan, start, LABELLED, UNLABELLED, settings);
    }

    private static TrainingSettings settings(int steps, double clip) {
        return new TrainingSettings(steps, 4, 3e-3, 1, clip, 7, 1, ModelInput.fixed(HEIGHT, WIDTH));
    }

    /** Two images a step: where memory is looked for, speed matters and what is learned does not. */
    private static TrainingSettings small(int steps) {
        return new TrainingSettings(steps, 2, 3e-3, 1, 1, 7, 1, ModelInput.fixed(HEIGHT, WIDTH));
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
