package io.maskstream.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GraphNetworkTest {
    /** Many small operators gain nothing from more threads and lose much where others want the processors. */
    @BeforeAll
    static void useOneThread() {
        Torch.threads(1);
    }

    private static final ClassList CLASSES = ClassList.of(List.of("sky", "road", "car", "tree"));

    @ParameterizedTest
    @CsvSource({
        "unet-small, 61, 83",
        "unet, 120, 160",
        "unet, 61, 83",
        "unet-large, 53, 70",
        "deeplabv3plus-mobilenetv2, 120, 160",
        "deeplabv3plus-mobilenetv2, 99, 71",
        "deeplabv3plus-mobilenetv2, 257, 260",
        "fast-scnn, 120, 160",
        "fast-scnn, 33, 41",
        "fast-scnn, 256, 272",
        "light, 120, 160",
        "light, 97, 131",
        "segformer-b0, 120, 160",
        "segformer-b0, 32, 45",
        "segformer-b0, 97, 131"
    })
    void agreesWithOnnxRuntime_whenItRunsAStartingModel(String name, int height, int width) throws Exception {
        ModelProto model = StartingModels.named(name).build(CLASSES, height, width, 3);
        float[] scores = assertAgreement(model, height, width);
        assertThat(largest(scores)).as("scores before any learning").isLessThan(30);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "deeplabv3-mobilenetv2-05-voc.onnx",
                "deeplabv3-mobilenetv2-voc.onnx",
                "deeplabv3-mobilenetedgetpu-cityscapes.onnx"
            })
    void agreesWithOnnxRuntime_whenItRunsANetworkOfOthers(String file) throws Exception {
        Path path = Path.of(System.getProperty("maskstream.models", "models"), file);
        assumeTrue(Files.exists(path), "the shared models are not here: " + path);
        assertAgreement(ModelFile.read(path), 97, 129);
    }

    private static float[] assertAgreement(ModelProto model, int height, int width) throws Exception {
        float[] picture = noise(2 * 3 * height * width);
        float[] expected = onnxRuntime(model, picture, 2, 3, height, width);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU)) {
            Tensor images = torch.tensor(picture).reshape(2, 3, height, width);
            Tensor logits = network.forward(images).logits();
            assertThat(new long[] {logits.size(0), logits.size(1), logits.size(2), logits.size(3)})
                    .isEqualTo(shape(model, 2, 3, height, width));
            assertClose(ImageTensors.toFloats(logits), expected, 1e-4);
        }
        return expected;
    }

    /** Returns the first output of a graph as ONNX Runtime gives it. */
    static float[] onnxRuntime(ModelProto model, float[] picture, long... shape) throws ModelFormatException {
        try (GraphRun runtime = GraphRun.of(model, List.of())) {
            return Objects.requireNonNull(runtime.run(picture, shape)
                    .get(model.getGraph().getOutput(0).getName()));
        }
    }

    private static long[] shape(ModelProto model, long... shape) throws ModelFormatException {
        try (GraphRun runtime = GraphRun.of(model, List.of())) {
            return Objects.requireNonNull(
                    runtime.shapes(shape).get(model.getGraph().getOutput(0).getName()));
        }
    }

    @Test
    void learns_whenGradientsAreFollowed() {
        try (PointerScope scope = new PointerScope();
                GraphNetwork network =
                        GraphNetwork.of(StartingModels.named("unet").build(CLASSES, 24, 32, 1), Device.CPU)) {
            network.train();
            Tensor images = torch.tensor(noise(2 * 3 * 24 * 32)).reshape(2, 3, 24, 32);
            Tensor truth = torch.zeros(2, 24, 32).to(torch.ScalarType.Long);
            double first = 0;
            double last = 0;
            for (int step = 0; step < 8; step++) {
                network.clearGradients();
                Tensor loss = torch.cross_entropy_loss(network.forward(images).logits(), truth);
                loss.backward();
                first = step == 0 ? loss.item_double() : first;
                last = loss.item_double();
                descend(network);
            }
            assertThat(last).isLessThan(first * 0.8);
        }
    }

    private static void descend(GraphNetwork network) {
        try (PointerScope scope = new PointerScope();
                org.bytedeco.pytorch.NoGradGuard guard = new org.bytedeco.pytorch.NoGradGuard()) {
            network.parameters().values().forEach(p -> {
                assertThat(p.grad().defined()).isTrue();
                p.add_(p.grad(), new Scalar(-0.05));
            });
        }
    }

    @Test
    void writesRunningStatisticsAndWeights_whenItHasLearned() throws Exception {
        ModelProto model = StartingModels.named("light").build(CLASSES, 64, 64, 2);
        float[] picture = noise(3 * 64 * 64);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU)) {
            network.train();
            Tensor batch = torch.tensor(noise(4 * 3 * 64 * 64)).reshape(4, 3, 64, 64);
            for (int step = 0; step < 3; step++) {
                network.clearGradients();
                network.forward(batch).logits().sum().backward();
            }
            descend(network);
            network.eval();
            Tensor logits =
                    network.forward(torch.tensor(picture).reshape(1, 3, 64, 64)).logits();
            ModelProto written = network.toModel();
            assertThat(written).isNotEqualTo(model);
            assertThat(written.getGraph().getNodeList())
                    .isEqualTo(model.getGraph().getNodeList());
            float[] scores = ImageTensors.toFloats(logits);
            float[] expected = onnxRuntime(written, picture, 1, 3, 64, 64);
            assertClose(scores, expected, 1e-4 * largest(expected));
        }
    }

    @Test
    void movesTowardsTheOther_whenAveraged() {
        ModelProto one = StartingModels.named("light").build(CLASSES, 64, 64, 2);
        ModelProto two = StartingModels.named("light").build(CLASSES, 64, 64, 9);
        try (PointerScope scope = new PointerScope();
                GraphNetwork teacher = GraphNetwork.of(one, Device.CPU);
                GraphNetwork student = GraphNetwork.of(two, Device.CPU);
                GraphNetwork copy = teacher.copy()) {
            double before = firstWeight(copy);
            double other = firstWeight(student);
            copy.average(student, 0.9);
            double moved = firstWeight(copy);
            assertThat(moved).isCloseTo(0.9 * before + 0.1 * other, org.assertj.core.data.Offset.offset(1e-6));
            assertThat(teacher.toModel())
                    .isEqualTo(GraphNetwork.of(one, Device.CPU).toModel());
            copy.copyWeightsFrom(student);
            assertThat(copy.toModel().getGraph().getInitializerList())
                    .isEqualTo(student.toModel().getGraph().getInitializerList());
        }
    }

    @Test
    void givesAndChangesInnerValues_whenTheyAreTapped() {
        ModelProto model = StartingModels.named("unet").build(CLASSES, 24, 32, 1);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU)) {
            Tensor images = torch.tensor(noise(3 * 24 * 32)).reshape(1, 3, 24, 32);
            Outputs outputs = network.forward(images, Taps.of(Taps.ENCODER, Taps.DECODER));
            assertThat(outputs.names()).containsExactlyInAnyOrder("logits", "encoder", "decoder");
            assertThat(outputs.get("encoder").size(2)).isEqualTo(3);
            Outputs changed = network.forward(images, Taps.changing(Taps.DECODER, value -> value.mul(new Scalar(0.0))));
            Tensor scores = changed.logits().sub(outputs.logits()).abs().max();
            assertThat(scores.item_double()).isGreaterThan(0.01);
            assertThat(changed.logits().abs().max().item_double()).isZero(); // the classifier's bias starts at 0
            assertThatThrownBy(() -> network.forward(images, Taps.of("nowhere")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'nowhere'");
        }
    }

    /** A U-Net's encoder reads on from the values that its decoder reads beside the deepest. */
    @ParameterizedTest
    @ValueSource(strings = {"unet-small", "light", "deeplabv3plus-mobilenetv2", "segformer-b0"})
    void changesSkipsForTheDecoderAlone(String name) {
        try (PointerScope scope = new PointerScope();
                GraphNetwork network =
                        GraphNetwork.of(StartingModels.named(name).build(CLASSES, 64, 64, 1), Device.CPU)) {
            Tensor images = torch.tensor(noise(3 * 64 * 64)).reshape(1, 3, 64, 64);
            Outputs plain = network.forward(images, Taps.of(Taps.ENCODER));
            Taps changing = new Taps(Set.of(Taps.ENCODER), Map.of(Taps.SKIPS, value -> value.mul(new Scalar(-2.0))));
            Outputs changed = network.forward(images, changing);
            assertThat(largest(changed.get(Taps.ENCODER).sub(plain.get(Taps.ENCODER))))
                    .isZero();
            assertThat(largest(changed.logits().sub(plain.logits()))).isPositive();
        }
    }

    private static double largest(Tensor difference) {
        return difference.abs().max().item_double();
    }

    /** An activation may write over what it reads, but only where nobody else wants to see that. */
    @ParameterizedTest
    @ValueSource(strings = {"Relu", "Clip"})
    void keepsWhatAnActivationReads_whenItIsTappedOrReadAgain(String activation) throws Exception {
        GraphBuilder graph = GraphBuilder.empty("in-place");
        graph.input("image", 1, "N", "3", "H", "W");
        List<String> weights = List.of("image", graph.weight("w", noise(9), 3, 3, 1, 1));
        String once = graph.named("once", "Conv", weights);
        String twice = graph.named("twice", "Conv", weights);
        List<String> bounds = activation.equals("Clip") ? List.of(graph.scalar(-0.5), graph.scalar(0.5)) : List.of();
        String first = graph.node(
                activation, Stream.concat(Stream.of(once), bounds.stream()).toList());
        String second = graph.node(
                activation, Stream.concat(Stream.of(twice), bounds.stream()).toList());
        graph.named("logits", "Add", List.of(graph.node("Add", List.of(first, second)), twice));
        graph.output("logits", 1, "N", "3", "H", "W");
        float[] picture = noise(2 * 3 * 5 * 6);
        float[] expected = onnxRuntime(graph.build(), picture, 2, 3, 5, 6);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(graph.build(), Device.CPU)) {
            network.train();
            Tensor images = torch.tensor(picture).reshape(2, 3, 5, 6);
            assertClose(ImageTensors.toFloats(network.forward(images).logits()), expected, 1e-5);
            Outputs tapped = network.forward(images, Taps.of("once", "twice"));
            assertClose(ImageTensors.toFloats(tapped.logits()), expected, 1e-5);
            assertThat(tapped.get("once").equal(tapped.get("twice"))).isTrue();
            assertThat(tapped.get("once").min().item_double()).isLessThan(-0.5);
            tapped.logits().sum().backward();
        }
    }

    @Test
    void namesNodeAndOperator_whenAnOperatorIsNotSupported() {
        GraphBuilder graph = GraphBuilder.empty("odd");
        graph.input("image", 1, "N", "3", "H", "W");
        graph.named("logits", "Det", List.of("image"));
        graph.output("logits", 1, "N", "C", "H", "W");
        assertThatThrownBy(() -> GraphNetwork.of(graph.build(), Device.CPU))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("logits:Det")
                .hasMessageContaining("the operator Det is not supported; supported are Abs, Acos,");
    }

    private static double firstWeight(SegmentationNetwork network) {
        Tensor weight = network.parameters().values().iterator().next();
        return weight.flatten().select(0, 0).item_double();
    }

    private static double largest(float[] values) {
        double largest = 1;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    static float[] noise(int count) {
        Random random = new Random(11);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    static void assertClose(float[] found, float[] expected, double tolerance) {
        assertThat(found).hasSameSizeAs(expected);
        double largest = 0;
        for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs((double) found[i] - expected[i]));
        }
        assertThat(largest).isLessThanOrEqualTo(tolerance);
    }
}
