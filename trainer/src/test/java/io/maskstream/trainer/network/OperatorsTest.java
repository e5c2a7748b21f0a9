package io.maskstream.trainer.network;

import static io.maskstream.segmentation.model.Attributes.integer;
import static io.maskstream.segmentation.model.Attributes.ints;
import static io.maskstream.segmentation.model.Attributes.real;
import static io.maskstream.segmentation.model.Attributes.text;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.GraphBuilder;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.network.operator.Operators;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator on libtorch against ONNX Runtime, on {@code [2, 3, 11, 14]} noise. */
class OperatorsTest {
    private static final int HEIGHT = 11;
    private static final int WIDTH = 14;
    private static final Set<String> TRIED = new TreeSet<>();

    /** A graph that ends in the value that its function names. */
    record Case(String name, int opset, Function<GraphBuilder, String> graph) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest
    @MethodSource({"convolutions", "poolings", "activations", "resizes", "shapings", "reductions", "arithmetic"})
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

    @Test
    void triesEveryOperatorThereIs() {
        Stream.of(convolutions(), poolings(), activations(), resizes(), shapings(), reductions(), arithmetic())
                .flatMap(List::stream)
                .forEach(OperatorsTest::model);
        assertThat(TRIED).containsAll(Operators.names());
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
        model.getGraph().getNodeList().stream().map(NodeProto::getOpType).forEach(TRIED::add);
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

    static List<Case> shapings() {
        List<Case> cases = new ArrayList<>();
        cases.add(of("Reshape", g -> g.node("Reshape", List.of("x", g.integers(0, -1, 7)))));
        cases.add(on("Flatten", integer("axis", 2)));
        cases.add(on("Transpose", ints("perm", 0, 2, 3, 1)));
        cases.add(on("Transpose"));
        cases.add(on("Identity"));
        cases.add(of(
                "Squeeze",
                g -> g.node(
                        "Squeeze", List.of(g.node("Unsqueeze", List.of("x", g.integers(0, -1))), g.integers(0, 5)))));
        cases.add(of("Unsqueeze", g -> g.node("Unsqueeze", List.of("x", g.integers(-1, 1)))));
        cases.add(of(
                "Concat",
                g -> g.node("Concat", List.of("x", weight(g, 2, 2, HEIGHT, WIDTH), "x"), integer("axis", 1))));
        cases.add(of("Split sizes", g -> {
            g.nodes("Split", List.of("x", g.integers(4, 10)), List.of("a", "b"), integer("axis", 3));
            return "b";
        }));
        cases.add(new Case("Split number", 18, g -> {
            g.nodes("Split", List.of("x"), List.of("a", "b", "c"), integer("axis", 2), integer("num_outputs", 3));
            return "c";
        }));
        cases.add(of(
                "Slice",
                g -> g.node(
                        "Slice",
                        List.of("x", g.integers(1, -9), g.integers(1000, -1), g.integers(2, 3), g.integers(2, 3)))));
        cases.add(of(
                "Slice backwards",
                g -> g.node(
                        "Slice",
                        List.of("x", g.integers(-1, 5), g.integers(-1000, 1), g.integers(2, 3), g.integers(-1, -2)))));
        cases.add(of("Gather list", g -> g.node("Gather", List.of("x", g.integers(2, -3, 0)), integer("axis", 2))));
        cases.add(of("Gather one", g -> g.node("Gather", List.of("x", g.integer(-1)), integer("axis", 1))));
        cases.add(of(
                "Expand",
                g -> g.node("Expand", List.of(g.node("GlobalAveragePool", List.of("x")), g.integers(2, 1, 4, 5)))));
        cases.add(of("Tile", g -> g.node("Tile", List.of("x", g.integers(1, 2, 1, 3)))));
        cases.add(of(
                "Pad constant", g -> g.node("Pad", List.of("x", g.integers(0, 1, 2, 0, 0, 0, 1, 3), g.scalar(0.5)))));
        cases.add(of(
                "Pad reflect",
                g -> g.node("Pad", List.of("x", g.integers(0, 0, 2, 1, 0, 0, 1, 3)), text("mode", "reflect"))));
        cases.add(of(
                "Pad edge",
                g -> g.node("Pad", List.of("x", g.integers(0, 0, 2, 1, 0, 0, 1, 3)), text("mode", "edge"))));
        for (String mode : List.of("DCR", "CRD")) {
            cases.add(of(
                    "DepthToSpace " + mode,
                    g -> g.node(
                            "DepthToSpace",
                            List.of(g.node("Concat", List.of("x", "x", "x", "x"), integer("axis", 1))),
                            integer("blocksize", 2),
                            text("mode", mode))));
        }
        cases.add(of("Shape part", g -> g.node("Shape", List.of("x"), integer("start", -3), integer("end", -1))));
        cases.add(on("Shape"));
        cases.add(on("Size"));
        cases.add(of("ConstantOfShape", g -> g.node("ConstantOfShape", List.of(g.node("Shape", List.of("x"))))));
        cases.add(of("Range", g -> g.node("Range", List.of(g.integer(2), g.integer(11), g.integer(3)))));
        return cases;
    }

    static List<Case> reductions() {
        List<Case> cases = new ArrayList<>();
        for (String operator : List.of("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2")) {
            cases.add(of(operator, g -> g.reduce(operator, "x", true, 2, 3)));
            cases.add(of(operator + " dropped", g -> g.reduce(operator, "x", false, -1)));
            cases.add(on(operator));
        }
        cases.add(new Case("ReduceMean 18", 18, g -> g.node("ReduceMean", List.of("x", g.integers(1)))));
        cases.add(on("ArgMax", integer("axis", 1)));
        cases.add(on("ArgMax", integer("axis", 2), integer("keepdims", 0)));
        cases.add(of("MatMul", g -> g.node("MatMul", List.of("x", weight(g, WIDTH, 5)))));
        for (int transposed = 0; transposed < 2; transposed++) {
            int flag = transposed;
            cases.add(of(
                    "Gemm transposed " + flag,
                    g -> g.node(
                            "Gemm",
                            List.of(
                                    g.node("Flatten", List.of("x"), integer("axis", flag == 1 ? 3 : 1)),
                                    flag == 1 ? weight(g, 5, 2 * 3 * HEIGHT) : weight(g, 3 * HEIGHT * WIDTH, 5),
                                    weight(g, 5)),
                            integer("transA", flag),
                            integer("transB", flag),
                            real("alpha", 0.1),
                            real("beta", 0.5))));
        }
        return cases;
    }

    static List<Case> arithmetic() {
        List<Case> cases = new ArrayList<>();
        for (String operator : List.of("Add", "Sub", "Mul", "Div", "Min", "Max", "Sum")) {
            cases.add(of(operator, g -> g.node(operator, List.of("x", weight(g, 3, 1, 1)))));
        }
        for (String operator : List.of("Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal")) {
            cases.add(of(operator, g -> g.node(operator, List.of("x", g.scalar(0.1)))));
        }
        for (String operator : List.of("Exp", "Abs", "Neg", "Floor", "Ceil", "Round", "Sign", "Erf")) {
            cases.add(on(operator));
        }
        for (String operator : List.of("Sqrt", "Log", "Reciprocal")) {
            cases.add(of(
                    operator,
                    g -> g.node(
                            operator, List.of(g.node("Add", List.of(g.node("Abs", List.of("x")), g.scalar(0.5)))))));
        }
        cases.add(of("Pow", g -> g.node("Pow", List.of("x", g.scalar(2)))));
        cases.add(of("Mod", g -> g.node("Mod", List.of(g.node("Shape", List.of("x")), g.integers(4)))));
        cases.add(of("Div of integers", g -> g.node("Div", List.of(g.node("Shape", List.of("x")), g.integers(-4)))));
        cases.add(of(
                "Where",
                g -> g.node(
                        "Where", List.of(g.node("Greater", List.of("x", g.scalar(0))), "x", weight(g, 1, 3, 1, 1)))));
        for (String operator : List.of("And", "Or")) {
            cases.add(of(
                    operator,
                    g -> g.node(
                            "Not",
                            List.of(g.node(
                                    operator,
                                    List.of(
                                            g.node("Greater", List.of("x", g.scalar(-1))),
                                            g.node("Less", List.of("x", g.scalar(0.3)))))))));
        }
        return cases;
    }
}
