package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.ints;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemsTest {
    @Test
    void namesEveryNodeAndItsReason_whenSeveralAreNotSupported() {
        GraphBuilder graph = GraphBuilder.empty("problems"); // operator set 17
        String x = graph.input("x", TensorProto.DataType.FLOAT_VALUE, "1", "3", "8", "8");
        graph.named("d", "Det", List.of(x));
        graph.named("r", "Relu", List.of(x));
        graph.named("m", "Mish", List.of(x));
        graph.named("c", "MaxPool", List.of(x), ints("kernel_shape", 2, 2), integer("colour", 3));
        graph.nodes("MaxPool", List.of(x), List.of("p", "at"), ints("kernel_shape", 2, 2));
        ModelProto.Builder model = graph.build().toBuilder();
        model.getGraphBuilder()
                .addNodeBuilder()
                .setOpType("Relu")
                .setDomain("com.example")
                .setName("own")
                .addInput("x")
                .addOutput("o");

        assertThat(Operators.problems(model.build()))
                .containsExactly(
                        new Operators.Problem("Det 'd:Det'", "cannot run: the operator Det is not supported"),
                        new Operators.Problem("Mish 'm:Mish'", "needs operator set 18 or newer, the graph is of 17"),
                        new Operators.Problem(
                                "MaxPool 'c:MaxPool'", "has the attribute colour, which is not supported"),
                        new Operators.Problem(
                                "MaxPool 'p:MaxPool'", "has an output of indices, which is not supported"),
                        new Operators.Problem(
                                "com.example.Relu 'own'",
                                "cannot run: the operator com.example.Relu is not supported"));
    }

    @Test
    void isEmpty_whenConstantsAndKnownOperatorsAreAllThereIs() {
        GraphBuilder graph = GraphBuilder.empty("fine");
        String x = graph.input("x", TensorProto.DataType.FLOAT_VALUE, "1", "3", "8", "8");
        String two = graph.node("Constant", List.of(), integer("value_int", 2));
        graph.named("y", "Unsqueeze", List.of(x, two));

        assertThat(Operators.problems(graph.build())).isEmpty();
    }
}
