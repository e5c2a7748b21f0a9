package io.maskstream.segmentation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.model.OpsetUpgrade.Upgraded;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The upgraded graph says what the original says, both in ONNX Runtime. */
class OpsetUpgradeTest {
    static Stream<Arguments> nodes() {
        return Stream.of(
                Arguments.of("Unsqueeze", 11, List.of(Attributes.ints("axes", 0))),
                Arguments.of("Unsqueeze", 12, List.of(Attributes.ints("axes", 2, -1))),
                Arguments.of("Squeeze", 11, List.of(Attributes.ints("axes", 0))),
                Arguments.of("ReduceSum", 11, List.of(Attributes.ints("axes", 1, 2))),
                Arguments.of("ReduceSum", 12, List.of(Attributes.integer("keepdims", 0))),
                Arguments.of("ReduceMean", 11, List.of(Attributes.ints("axes", 2, 3))),
                Arguments.of("Softmax", 11, List.of()),
                Arguments.of("Softmax", 12, List.of(Attributes.integer("axis", 2))),
                Arguments.of("Softmax", 11, List.of(Attributes.integer("axis", 3))),
                Arguments.of("LogSoftmax", 11, List.of(Attributes.integer("axis", -2))),
                Arguments.of("LogSoftmax", 12, List.of(Attributes.integer("axis", -1))),
                Arguments.of("Hardmax", 11, List.of(Attributes.integer("axis", 1))),
                Arguments.of("Dropout", 11, List.of(Attributes.real("ratio", 0.3))),
                Arguments.of("HardSigmoid", 11, List.of(Attributes.real("alpha", 0.3))),
                Arguments.of("Relu", 16, List.of()));
    }

    @ParameterizedTest(name = "{0} of {1} {2}")
    @MethodSource("nodes")
    void computesTheSame(String operator, int opset, List<AttributeProto> attributes) throws IOException {
        GraphBuilder graph = start();
        graph.named("out", operator, List.of("image"), attributes.toArray(AttributeProto[]::new));
        assertSame(of(graph, opset), "out");
    }

    @Test
    void computesTheSame_whenASplitNamesItsParts() throws IOException {
        GraphBuilder graph = start();
        graph.nodes(
                "Split",
                List.of("image"),
                List.of("left", "right"),
                Attributes.integer("axis", 1),
                Attributes.ints("split", 1, 2));
        graph.named("out", "Concat", List.of("right", "left"), Attributes.integer("axis", 1));
        assertSame(of(graph, 11), "out");
    }

    @Test
    void computesTheSame_whenAResizeLeavesInputsEmpty() throws IOException {
        GraphBuilder graph = start();
        String empty = graph.weight("empty", new float[0], 0);
        graph.named(
                "out",
                "Resize",
                List.of("image", empty, empty, graph.integers(1, 3, 9, 7)),
                Attributes.text("mode", "linear"));
        assertSame(of(graph, 11), "out");
    }

    @Test
    void namesTheNode_whenItsStatisticsAreRead() {
        GraphBuilder graph = start();
        String ones = graph.weight("ones", new float[] {1, 1, 1}, 3);
        graph.nodes(
                "BatchNormalization", List.of("image", ones, ones, ones, ones), List.of("normal", "mean", "variance"));
        graph.named("out", "Add", List.of("mean", "variance"));
        assertThatThrownBy(() -> OpsetUpgrade.upgrade(of(graph, 11)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("normal:BatchNormalization")
                .hasMessageContaining("inference mode");
    }

    @Test
    void leavesAGraphAlone_whenItIsNewEnough() throws IOException {
        GraphBuilder graph = start();
        graph.named("out", "Relu", List.of("image"));
        ModelProto model = of(graph, 18);
        assertThat(OpsetUpgrade.upgrade(model).model()).isEqualTo(model);
    }

    private static GraphBuilder start() {
        GraphBuilder graph = GraphBuilder.empty("old");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "1", "3", "4", "5");
        return graph;
    }

    private static ModelProto of(GraphBuilder graph, int opset) {
        ModelProto.Builder model = graph.build().toBuilder();
        model.getOpsetImportBuilder(0).setVersion(opset);
        model.getGraphBuilder().clearOutput().addOutputBuilder().setName("out");
        return model.build();
    }

    private static void assertSame(ModelProto model, String output) throws IOException {
        Upgraded upgraded = OpsetUpgrade.upgrade(model);
        assertThat(GraphView.opset(upgraded.model())).isEqualTo(17);
        float[] expected = run(model, output);
        float[] found = run(upgraded.model(), output);
        assertThat(found).hasSameSizeAs(expected);
        IntStream.range(0, expected.length).forEach(i -> assertThat(found[i]).isCloseTo(expected[i], within(1e-6f)));
    }

    private static float[] run(ModelProto model, String output) throws IOException {
        float[] values = new float[60];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i * 1.7);
        }
        try (GraphRun trial = GraphRun.of(model, List.of())) {
            return Objects.requireNonNull(trial.run(values, 1, 3, 4, 5).get(output));
        }
    }
}
