package io.maskstream.segmentation.adoption;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.ModelFormatException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ChosenBranchesTest {
    private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

    @Test
    void keepsWhatTheGraphComputes_whenTheBranchIsAlwaysTheSame() throws Exception {
        ModelProto model = choosing(1, "inner"); // by the number of channels
        Findings findings = new Findings();
        ModelProto plain = ChosenBranches.inline(model, Layout.NCHW, new AdoptionOptions("x"), findings);

        assertThat(plain.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .doesNotContain("If")
                .contains("Exp")
                .doesNotContain("Abs");
        assertThat(findings.rewritings()).hasSize(2).allMatch(sentence -> sentence.contains("takes its then_branch"));
        assertThat(answer(plain)).isEqualTo(answer(model));
    }

    @Test
    void refuses_whenTheBranchDependsOnTheBatch() {
        assertThatThrownBy(() -> ChosenBranches.inline(
                        choosing(0, "other"), Layout.NCHW, new AdoptionOptions("x"), new Findings()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("'chosen'")
                .hasMessageContaining("export the network for one batch and picture size");
    }

    /** Doubles and then, by another choice inside, takes the exponential, where a side of the picture is what it is. */
    private static ModelProto choosing(int axis, String constant) {
        GraphBuilder graph = GraphBuilder.empty("choice");
        graph.input("x", FLOAT, "N", "3", "H", "W");
        String side = graph.node(
                "Gather", List.of(graph.node("Shape", List.of("x")), graph.integer(axis)), integer("axis", 0));
        String condition = graph.node("Equal", List.of(side, graph.integer(axis == 1 ? 3 : 1)));
        GraphProto.Builder exponential = branch("grown", node("Exp", "twice", "grown"));
        GraphProto.Builder absolute = branch("made", node("Abs", "twice", "made"));
        GraphProto.Builder then = branch("result", node("Mul", "x", "twice").addInput(constant));
        then.addNode(node("If", condition, "result")
                .addAttribute(attribute("then_branch", exponential))
                .addAttribute(attribute("else_branch", absolute)));
        then.addInitializer(
                TensorProto.newBuilder().setName(constant).setDataType(FLOAT).addFloatData(2));
        GraphProto.Builder otherwise = branch("same", node("Identity", "x", "same"));
        graph.named(
                "chosen",
                "If",
                List.of(condition),
                attribute("then_branch", then),
                attribute("else_branch", otherwise));
        graph.named("y", "Transpose", List.of("chosen"), ints("perm", 0, 2, 3, 1));
        return graph.output("y", FLOAT, "N", "H", "W", "C").build();
    }

    private static NodeProto.Builder node(String operator, String input, String output) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .setName(operator)
                .addInput(input)
                .addOutput(output);
    }

    private static GraphProto.Builder branch(String result, NodeProto.Builder node) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName(result).addNode(node);
        graph.addOutputBuilder()
                .setName(result)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(FLOAT);
        return graph;
    }

    private static AttributeProto attribute(String name, GraphProto.Builder graph) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(graph)
                .build();
    }

    private static float[] answer(ModelProto model) throws Exception {
        float[] picture = {0.1f, -0.2f, 0.3f, -0.4f, 0.5f, 0.6f};
        try (GraphRun trial = GraphRun.of(model, List.of())) {
            return Objects.requireNonNull(trial.run(picture, 1, 3, 1, 2).get("y"));
        }
    }
}
