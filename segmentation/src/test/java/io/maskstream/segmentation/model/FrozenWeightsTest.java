package io.maskstream.segmentation.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrozenWeightsTest {
    private static final GraphProto GRAPH = graph();

    @Test
    void namesNothing_whenThereIsNoPattern() {
        assertThat(FrozenWeights.of(GRAPH, List.of())).isEmpty();
    }

    @Test
    void findsWeightsByTheirOwnNames_whenAStarStandsForTheRest() {
        assertThat(FrozenWeights.of(GRAPH, List.of("backbone.*"))).containsExactly("backbone.0.weight");
        assertThat(FrozenWeights.of(GRAPH, List.of("backbone.?.weight"))).containsExactly("backbone.0.weight");
    }

    @Test
    void findsWeightsByTheNodesThatReadThem_whenTheirOwnNamesSayNothing() {
        assertThat(FrozenWeights.of(GRAPH, List.of("/classifier/*"))).containsExactly("onnx::Conv_7", "onnx::Conv_8");
    }

    @Test
    void takesAPatternForAWholeName_andDotsForDots() {
        assertThat(FrozenWeights.of(GRAPH, List.of("backbone", "backboneX0.weight", "classifier")))
                .isEmpty();
        assertThat(FrozenWeights.of(GRAPH, List.of("backbone?0.weight"))).containsExactly("backbone.0.weight");
    }

    private static GraphProto graph() {
        GraphBuilder graph = GraphBuilder.empty("frozen");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        String first = graph.weight("backbone.0.weight", new float[9], 3, 3, 1, 1);
        String second = graph.weight("onnx::Conv_7", new float[6], 2, 3, 1, 1);
        String bias = graph.weight("onnx::Conv_8", new float[2], 2);
        graph.named("/backbone/0/Conv_output_0", "Conv", List.of("image", first));
        graph.named("/classifier/Conv_output_0", "Conv", List.of("/backbone/0/Conv_output_0", second, bias));
        return graph.build().getGraph();
    }
}
