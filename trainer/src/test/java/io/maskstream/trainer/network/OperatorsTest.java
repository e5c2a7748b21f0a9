package io.maskstream.trainer.network;

import static io.maskstream.segmentation.model.Attributes.integer;
import static io.maskstream.segmentation.model.Attributes.ints;
import static io.maskstream.segmentation.model.Attributes.real;
import static io.maskstream.segmentation.model.Attributes.text;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.GraphBuilder;
import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers on libtorch against ONNX Runtime, on {@code [2, 3, 11, 14]} noise. */
class OperatorsTest {
    private static final int HEIGHT = 11;
    private static final int WIDTH = 14;

    /** A graph that ends in the value that its function names. */
    record Case(String name, int opset, Function<GraphBuilder, String> graph) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest
    @MethodSource({"convolutions", "poolings", "activations", "resizes"})
    void agreesWithOnnxRuntime(Case tried) throws Exception {
        ModelProto model = model(tried);
        float[] noise = GraphNetworkTest.noise(2 * 3 * HEIGHT * WIDTH);
        OnnxOracle.Answer expected = OnnxOracle.run(model, noise, 2, 3, HEIGHT, WIDTH);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU)) {
            Tensor images = torch.tensor(noise).reshape(2, 3, HEIGHT, WIDTH).set_requires_grad(true);
            Tensor output = network.forward(images).get("out");
            long[] shape = new long[(int) output.dim()];
            for (int d = 0; d < shape.length; d++) {
                shape[d] = output.size(d);
            }
            assertThat(shape).isEqualTo(expected.shape());
            GraphNetworkTest.assertClose(ImageTensors.toFloats(output), expected.values(), 2e-5);
        }
    }

    private static ModelProto model(Case tried) {
        GraphBuilder graph = GraphBuilder.empty(tried.name);
        graph.input("x", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        String value = tried.graph.apply(graph);
        graph.named("out", "Cast", List.of(value), integer("to", TensorProto.DataType.FLOAT_VALUE));
        ModelProto.Builder model = graph.build().toBuilder();
        model.getGraphBuilder()
                .addOutputBuilder()
                .setName("out")
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(TensorProto.DataType.FLOAT_VALUE);
        model.getOpsetImportBuilder(0).setVersion(tried.opset);
        return model.build();
    }

    private static Case of(String name, Function<GraphBuilder, String> graph) {
        return new Case(name, 17, graph);
    }

    private static Case on(String operator, AttributeProto... attributes) {
        String name =
                operator + Stream.of(attributes).map(AttributeProto::getName).toList();
        return of(name, g -> g.node(operator, List.of("x"), attributes));
    }

    private static String weight(GraphBuilder graph, long... shape) {
        int count = 1;
        for (long side : shape) {
            count *= (int) side;
        }
        return graph.weight(graph.unique("w"), GraphNetworkTest.noise(count), shape);
    }

    private static Case convolution(String operator, long out, long kernel, AttributeProto... attributes) {
        long groups = Stream.of(attributes)
                .filter(a -> a.getName().equals("group"))
                .mapToLong(AttributeProto::getI)
                .findFirst()
                .orElse(1);
        String name = operator
                + Stream.of(attributes)
                        .map(a -> a.toString().replaceAll("\\s+", " "))
                        .toList();
        return of(name, g -> {
            boolean plain = operator.equals("Conv");
            String weights =
                    plain ? weight(g, out, 3 / groups, kernel, kernel) : weight(g, 3, out / groups, kernel, kernel);
            return g.node(operator, List.of("x", weights, weight(g, out)), attributes);
        });
    }

    static List<Case> convolutions() {
        List<Case> cases = new ArrayList<>();
        for (String operator : List.of("Conv", "ConvTranspose")) {
            cases.add(convolution(operator, 6, 3));
            cases.add(convolution(operator, 6, 3, integer("group", 3), ints("pads", 1, 1, 1, 1)));
            cases.add(convolution(operator, 4, 3, ints("strides", 2, 3), ints("pads", 0, 1, 2, 1)));
            cases.add(convolution(operator, 4, 3, ints("dilations", 2, 1), ints("pads", 1, 0, 1, 0)));
            cases.add(convolution(operator, 4, 3, text("auto_pad", "SAME_UPPER"), ints("strides", 2, 2)));
            cases.add(convolution(operator, 4, 4, text("auto_pad", "SAME_LOWER"), ints("strides", 1, 1)));
            cases.add(convolution(operator, 4, 3, text("auto_pad", "VALID")));
        }
        cases.add(convolution(
                "ConvTranspose", 4, 3, ints("strides", 2, 2), ints("output_padding", 1, 1), ints("pads", 1, 1, 1, 1)));
        cases.add(convolution("ConvTranspose", 4, 2, ints("strides", 2, 2), ints("output_shape", 21, 27)));
        return cases;
    }

    static List<Case> poolings() {
        List<Case> cases = new ArrayList<>(List.of(on("GlobalAveragePool"), on("GlobalMaxPool")));
        for (String operator : List.of("MaxPool", "AveragePool")) {
            AttributeProto kernel = ints("kernel_shape", 3, 2);
            cases.add(on(operator, kernel));
            cases.add(on(operator, kernel, ints("strides", 2, 2), ints("pads", 1, 1, 1, 1)));
            cases.add(on(operator, kernel, ints("strides", 2, 2), ints("pads", 0, 0, 1, 1)));
            cases.add(on(operator, kernel, ints("strides", 3, 3), integer("ceil_mode", 1)));
            cases.add(on(operator, kernel, ints("strides", 2, 2), text("auto_pad", "SAME_UPPER")));
        }
        cases.add(on("MaxPool", ints("kernel_shape", 3, 3), ints("dilations", 2, 2)));
        cases.add(on(
                "AveragePool", ints("kernel_shape", 3, 3), ints("pads", 1, 1, 1, 1), integer("count_include_pad", 1)));
        cases.add(on(
                "AveragePool", ints("kernel_shape", 3, 3), ints("pads", 0, 1, 1, 0), integer("count_include_pad", 1)));
        cases.add(of(
                "BatchNormalization",
                g -> g.node(
                        "BatchNormalization",
                        List.of(
                                "x",
                                weight(g, 3),
                                weight(g, 3),
                                weight(g, 3),
                                g.weight("variance", new float[] {1, 2, 3}, 3)),
                        real("epsilon", 1e-3))));
        cases.add(of(
                "InstanceNormalization",
                g -> g.node("InstanceNormalization", List.of("x", weight(g, 3), weight(g, 3)), real("epsilon", 1e-3))));
        cases.add(of(
                "LayerNormalization",
                g -> g.node(
                        "LayerNormalization", List.of("x", weight(g, WIDTH), weight(g, WIDTH)), integer("axis", -1))));
        cases.add(of("Dropout", g -> g.node("Dropout", List.of("x", g.scalar(0.4)))));
        return cases;
    }

    static List<Case> activations() {
        List<Case> cases = new ArrayList<>();
        for (String operator : List.of(
                "Relu",
                "LeakyRelu",
                "Sigmoid",
                "Tanh",
                "HardSigmoid",
                "HardSwish",
                "Elu",
                "Selu",
                "Softplus",
                "Softsign",
                "Softmax",
                "LogSoftmax")) {
            cases.add(on(operator));
        }
        cases.add(new Case("Mish", 18, g -> g.node("Mish", List.of("x"))));
        cases.add(new Case("Gelu", 20, g -> g.node("Gelu", List.of("x"))));
        cases.add(new Case("Gelu tanh", 20, g -> g.node("Gelu", List.of("x"), text("approximate", "tanh"))));
        cases.add(on("LeakyRelu", real("alpha", 0.3)));
        cases.add(on("HardSigmoid", real("alpha", 0.3), real("beta", 0.4)));
        cases.add(on("Elu", real("alpha", 0.7)));
        cases.add(on("Softmax", integer("axis", 1)));
        cases.add(of("PRelu by channel", g -> g.node("PRelu", List.of("x", weight(g, 3, 1, 1)))));
        cases.add(of("PRelu by one", g -> g.node("PRelu", List.of("x", weight(g, 1)))));
        cases.add(of("Clip both", g -> g.node("Clip", List.of("x", g.scalar(-0.5), g.scalar(0.5)))));
        cases.add(of("Clip below", g -> g.node("Clip", List.of("x", g.scalar(-0.5)))));
        cases.add(of("Clip above", g -> g.node("Clip", List.of("x", "", g.scalar(0.5)))));
        return cases;
    }

    static List<Case> resizes() {
        List<Case> cases = new ArrayList<>();
        for (String mode : List.of("nearest", "linear", "cubic")) {
            for (String coordinates : List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")) {
                if (mode.equals("cubic") && coordinates.equals("asymmetric")) {
                    continue;
                }
                AttributeProto[] attributes = {text("mode", mode), text("coordinate_transformation_mode", coordinates)};
                cases.add(of(
                        "Resize " + mode + " " + coordinates + " sizes",
                        g -> g.node("Resize", List.of("x", "", "", g.integers(2, 3, 23, 9)), attributes)));
                cases.add(of(
                        "Resize " + mode + " " + coordinates + " scales",
                        g -> g.node(
                                "Resize",
                                List.of("x", "", g.weight("scales", new float[] {1, 1, 2, 1.5f}, 4)),
                                attributes)));
            }
        }
        for (String rounding : List.of("floor", "ceil", "round_prefer_floor", "round_prefer_ceil")) {
            cases.add(of(
                    "Resize nearest " + rounding,
                    g -> g.node(
                            "Resize",
                            List.of("x", "", g.weight("scales", new float[] {1, 1, 2, 2}, 4)),
                            text("coordinate_transformation_mode", "asymmetric"),
                            text("nearest_mode", rounding))));
        }
        cases.add(new Case(
                "Resize axes",
                18,
                g -> g.node(
                        "Resize",
                        List.of("x", "", "", g.integers(5, 30)),
                        text("mode", "linear"),
                        ints("axes", 2, 3))));
        return cases;
    }
}
