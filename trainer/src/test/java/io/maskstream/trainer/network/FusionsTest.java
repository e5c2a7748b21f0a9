package io.maskstream.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tap on a value between fused nodes gives is the plain run, so that each is held against the other. */
class FusionsTest {
    private static final ClassList CLASSES = ClassList.of(List.of("sky", "road", "car"));
    private static final double SAME = 1e-6; // relative to the largest value of a tensor
    private static final double ROOT = Math.sqrt(2);

    private final GraphBuilder graph = GraphBuilder.empty("fused");
    private final float[] picture = GraphNetworkTest.noise(2 * 3 * 4 * 5);

    FusionsTest() {
        graph.input("image", 1, "N", "3", "H", "W");
        graph.output("logits", 1, "N", "3", "H", "W");
    }

    @BeforeAll
    static void useOneThread() {
        Torch.threads(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x raised half",
                "x half raised",
                "half x raised",
                "raised x half",
                "raised half x",
                "half raised x"
            })
    void runsGeluAsOneStep_whateverTheOrderOfItsFactors(String order) throws Exception {
        Map<String, String> factors = Map.of("x", features(), "raised", raised(ROOT, false), "half", graph.scalar(0.5));
        String[] names = order.split(" ", -1);
        String product = graph.node("Mul", List.of(factors.get(names[0]), factors.get(names[1])));
        graph.named("logits", "Mul", List.of(factors.get(names[2]), product));

        assertThat(steps()).isEqualTo(2);
        assertSameAsPlain("error");
    }

    @Test
    void runsGeluAsOneStep_whenItMultipliesByTheInverseRoot() throws Exception {
        String x = features();
        String half = graph.node("Mul", List.of(graph.scalar(0.5), x));
        graph.named("logits", "Mul", List.of(half, raised(Math.sqrt(0.5), true)));

        assertThat(steps()).isEqualTo(2);
        assertSameAsPlain("error");
    }

    @ParameterizedTest
    @ValueSource(doubles = {1.4142, 1.5, 0.7071067811865476})
    void runsEveryNode_whenTheConstantIsNotTheRoot(double root) {
        String product = graph.node("Mul", List.of(features(), raised(root, false)));
        graph.named("logits", "Mul", List.of(product, graph.scalar(0.5)));

        assertThat(steps()).isEqualTo(6);
    }

    @Test
    void runsEveryNode_whenAnotherReadsAValueBetween() {
        String product = graph.node("Mul", List.of(features(), raised(ROOT, false)));
        String gelu = graph.node("Mul", List.of(product, graph.scalar(0.5)));
        String linear = linear(gelu);
        graph.named("logits", "Add", List.of(graph.node("Add", List.of(linear, product)), "product"));

        assertThat(steps()).isEqualTo(graph.build().getGraph().getNodeCount());
    }

    @Test
    void runsEveryNode_whenAValueBetweenIsAnOutput() {
        linear(features());
        graph.named("logits", "Relu", List.of("linear"));
        assertThat(steps()).isEqualTo(3);

        graph.output("product", 1, "N", "3", "H", "W");

        assertThat(steps()).isEqualTo(4);
    }

    @Test
    void runsALinearLayerAsOneStep_whicheverSideItsBiasIsOn() throws Exception {
        String cells = linear(features());
        String product = graph.node("MatMul", List.of(cells, weight("w2", 5, 3)));
        graph.named("logits", "Add", List.of(weight("b2", 3), product)); // [2, 3, 4, 3]

        assertThat(steps()).isEqualTo(3);
        assertSameAsPlain("product");
        try (GraphNetwork network = GraphNetwork.of(graph.build(), Device.CPU)) {
            assertThat(network.parameters().keySet()).containsExactlyInAnyOrder("conv", "w", "b", "w2", "b2");
        }
    }

    @Test
    void runsEveryNode_whenTheBiasIsBroadcastOrCut() {
        String wide = graph.node("MatMul", List.of(features(), weight("w", 5, 5)));
        String one = graph.node("Add", List.of(wide, weight("one", 1)));
        String two = graph.node("MatMul", List.of(one, weight("w2", 5, 5)));
        graph.named("logits", "Add", List.of(two, weight("two", 4, 5)));

        assertThat(steps()).isEqualTo(5);
    }

    @Test
    void changesAValueBetween_whenItIsTapped() {
        String product = graph.node("Mul", List.of(features(), raised(ROOT, false)));
        graph.named("logits", "Mul", List.of(product, graph.scalar(0.5)));
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(graph.build(), Device.CPU)) {
            Taps without = Taps.changing("error", value -> value.mul(new Scalar(0.0)));
            Tensor halved = network.forward(images(), without).logits();
            Tensor all = network.forward(images(), Taps.of("features")).get("features");
            assertClose(halved, all.mul(new Scalar(0.5)), SAME);
        }
    }

    @Test
    void namesTheNode_whenOneOfALinearLayerGivesNoNumber() {
        linear(features());
        graph.named("logits", "Relu", List.of("linear"));
        ModelProto model = graph.build();
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU);
                org.bytedeco.pytorch.NoGradGuard guard = new org.bytedeco.pytorch.NoGradGuard()) {
            assertThat(network.firstNonFinite(images(), Taps.NONE)).isEmpty();
            Objects.requireNonNull(network.parameters().get("b")).fill_(new Scalar(Double.NaN));
            NodeProto sum = model.getGraph().getNode(2);
            assertThat(network.firstNonFinite(images(), Taps.NONE))
                    .hasValueSatisfying(found -> assertThat(found).contains("Add '" + sum.getName() + "'"));
        }
    }

    @Test
    void learnsTheSame_asNodeByNode() {
        ModelProto model = StartingModels.named("segformer-b0").build(CLASSES, 32, 32, 3);
        String inner = model.getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("Erf"))
                .findFirst()
                .orElseThrow()
                .getOutput(0);
        Plan plan = Plan.of(ConstantNodes.asWeights(model), Set.of());
        assertThat(plan.nodes().size() - plan.steps(Set.of()).size())
                .as("8 blocks of a GELU, 4 or 5 linear layers and more in the decoder")
                .isGreaterThan(8 * (4 + 6));
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU)) {
            network.train();
            Tensor images =
                    torch.tensor(GraphNetworkTest.noise(2 * 3 * 32 * 32)).reshape(2, 3, 32, 32);
            Map<String, Tensor> fused = gradients(network, images, Taps.NONE);
            Map<String, Tensor> plain = gradients(network, images, Taps.of(inner));
            double all = Math.sqrt(fused.values().stream()
                    .mapToDouble(gradient -> gradient.square().sum().item_double())
                    .sum());
            double apart = Math.sqrt(fused.entrySet().stream()
                    .mapToDouble(entry -> entry.getValue()
                            .sub(Objects.requireNonNull(plain.get(entry.getKey())))
                            .square()
                            .sum()
                            .item_double())
                    .sum());
            assertThat(apart / all).as("rounding, over 8 blocks and back").isLessThan(10 * SAME);
        }
    }

    /** Returns the gradient of every parameter, for a loss that weighs the scores unevenly. */
    private static Map<String, Tensor> gradients(GraphNetwork network, Tensor images, Taps taps) {
        network.clearGradients();
        Tensor logits = network.forward(images, taps).logits();
        logits.square().mean().backward();
        Map<String, Tensor> gradients = new HashMap<>();
        network.parameters().forEach((name, parameter) -> {
            assertThat(parameter.grad().defined()).as(name).isTrue();
            gradients.put(name, parameter.grad().clone());
        });
        return gradients;
    }

    private void assertSameAsPlain(String inner) throws Exception {
        ModelProto model = graph.build();
        float[] expected = GraphNetworkTest.onnxRuntime(model, picture, 2, 3, 4, 5);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU)) {
            network.train();
            Tensor fused = network.forward(images()).logits();
            GraphNetworkTest.assertClose(ImageTensors.toFloats(fused), expected, 1e-5);
            assertClose(fused, network.forward(images(), Taps.of(inner)).logits(), SAME);
            Map<String, Tensor> gradients = gradients(network, images(), Taps.NONE);
            gradients(network, images(), Taps.of(inner))
                    .forEach((name, plain) -> assertClose(Objects.requireNonNull(gradients.get(name)), plain, SAME));
        }
    }

    private static void assertClose(Tensor found, Tensor expected, double tolerance) {
        double apart = found.sub(expected).abs().max().item_double();
        assertThat(apart).isLessThanOrEqualTo(tolerance * expected.abs().max().item_double());
    }

    private Tensor images() {
        return torch.tensor(picture).reshape(2, 3, 4, 5);
    }

    private int steps() {
        return Plan.of(ConstantNodes.asWeights(graph.build()), Set.of())
                .steps(Set.of())
                .size();
    }

    private String features() {
        return graph.named("features", "Conv", List.of("image", weight("conv", 3, 3, 1, 1)));
    }

    /** Adds a product with a weight {@code [5, 5]} and its bias. */
    private String linear(String in) {
        String product = graph.named("product", "MatMul", List.of(in, weight("w", 5, 5)));
        return graph.named("linear", "Add", List.of(product, weight("b", 5)));
    }

    private String raised(double scale, boolean inverse) {
        String scaled = graph.node(inverse ? "Mul" : "Div", List.of("features", graph.scalar(scale)));
        String error = graph.named("error", "Erf", List.of(scaled));
        return graph.node("Add", List.of(graph.scalar(1), error));
    }

    private String weight(String name, long... shape) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return graph.weight(name, GraphNetworkTest.noise(count), shape);
    }
}
