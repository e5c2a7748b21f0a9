package io.maskstream.segmentation.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class GraphViewTest {
    /** Places: shared 0, form 1, once 2, shape 3, twice 4, sized 5. */
    private static GraphBuilder graph() {
        GraphBuilder graph = GraphBuilder.empty("view");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        graph.weight("weight", new float[] {2, 3}, 2);
        graph.named("shared", "Identity", List.of("weight"));
        graph.named("form", "Neg", List.of("shared"));
        graph.named("once", "Mul", List.of("image", "form"));
        graph.named("shape", "Shape", List.of("once"));
        graph.named("twice", "Mul", List.of("once", "once"));
        graph.named("sized", "Expand", List.of("shared", "shape"));
        graph.output("twice", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        return graph;
    }

    private final ModelProto model = graph().build();
    private final GraphView view = new GraphView(model);

    @Test
    void findsGiversAndReaders_eachReaderOnce() {
        assertThat(view.readers("once")).extracting(node -> node.getOutput(0)).containsExactly("shape", "twice");
        assertThat(view.readers("twice")).isEmpty();
        assertThat(view.giver("image")).isNull();
        assertThat(view.isGiven("weight")).isFalse();
        assertThat(view.place("weight")).isEqualTo(-1);
        assertThat(view.place("once")).isEqualTo(2);
        assertThat(view.giver("once")).isSameAs(view.node(2));
    }

    @Test
    void followsAWeight_whenNodesShareIt() {
        assertThat(TensorValues.floats(Objects.requireNonNull(view.constant("shared"))))
                .containsExactly(2, 3);
        assertThat(view.constant("form")).isNull();
        assertThat(view.variables(view.node(5))).containsExactly("shape");
    }

    @Test
    void tellsWhatComesBeforeAndAfter_withoutSizes() {
        assertThat(view.before("twice")).containsExactlyInAnyOrder(0, 1, 2, 4);
        assertThat(view.after("image")).containsExactlyInAnyOrder(2, 4);
        assertThat(view.after("shared")).containsExactlyInAnyOrder(1, 2, 4, 5);
        assertThat(view.independent()).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void bringsNodesIntoOrder_whenOneWasAddedBehindItsReader() {
        GraphBuilder graph = GraphBuilder.on(Rewiring.reads(model, "image", "late", node -> true));
        graph.named("late", "Neg", List.of("image"));

        ModelProto ordered = Rewiring.inOrder(graph.build());

        assertThat(ordered.getGraph().getNodeList().stream().map(NodeProto::getOpType))
                .containsExactly("Identity", "Neg", "Neg", "Mul", "Shape", "Mul", "Expand");
        assertThat(new GraphView(ordered).readers("image"))
                .extracting(node -> node.getOutput(0))
                .containsExactly("late");
    }

    @Test
    void givesEachNameOnce_whenSeveralAskForIt() {
        GraphBuilder graph = GraphBuilder.on(model);

        assertThat(List.of(graph.unique("once"), graph.unique("once"), graph.unique("free")))
                .containsExactly("once_1", "once_2", "free");
    }
}
