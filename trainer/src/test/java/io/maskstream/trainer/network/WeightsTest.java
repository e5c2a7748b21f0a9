package io.maskstream.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.model.FrozenWeights;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Graphs as the exporters write them, and which of their initializers learn. */
class WeightsTest {
    private final GraphBuilder graph = GraphBuilder.empty("graph");

    WeightsTest() {
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
    }

    @Test
    void leavesTheNormalisationOfThePicture_andLearnsTheLayers() {
        String centred = graph.node("Sub", List.of("image", filled("mean", 0.5f, 1, 3, 1, 1)));
        String scaled = graph.node("Mul", List.of(centred, filled("scale", 4, 1, 3, 1, 1)));
        String features = graph.node("Conv", List.of(scaled, filled("w", 0.1f, 4, 3, 1, 1)));
        graph.named("logits", "Add", List.of(features, filled("bias", 0, 1, 4, 1, 1)));

        assertThat(weights().learned()).containsExactlyInAnyOrder("w", "bias");
    }

    @Test
    void findsWeights_thatAreReshapedOrSharedFirst() {
        String transposed = graph.node(
                "Transpose", List.of(filled("keras", 0.1f, 1, 1, 3, 4)), Attributes.ints("perm", 3, 2, 0, 1));
        String features = graph.node("Conv", List.of("image", transposed));
        String bias = graph.node("Reshape", List.of(filled("paddle", 0, 4), graph.integers(1, 4, 1, 1)));
        String biased = graph.node("Add", List.of(features, bias));
        String slope = graph.node("Unsqueeze", List.of(filled("slope", 0.2f, 4), graph.integers(1, 2)));
        String active = graph.node("PRelu", List.of(biased, slope));
        String shared = graph.node("Identity", List.of(filled("shared", 1, 4)));
        graph.named(
                "logits",
                "BatchNormalization",
                List.of(active, shared, filled("b", 0, 4), filled("m", 0, 4), filled("v", 1, 4)));

        Weights weights = weights();

        assertThat(weights.learned()).containsExactlyInAnyOrder("keras", "paddle", "slope", "shared", "b");
        assertThat(weights.buffers()).containsExactlyInAnyOrder("m", "v");
    }

    @Test
    void learnsOnlyTheOuterScale_ofAGroupNormalisationFromPyTorch() {
        String features = graph.node("Conv", List.of("image", filled("w", 0.1f, 4, 3, 1, 1)));
        String groups = graph.node("Reshape", List.of(features, graph.integers(0, 2, -1)));
        String normal =
                graph.node("InstanceNormalization", List.of(groups, filled("ones", 1, 2), filled("zeros", 0, 2)));
        String back = graph.node("Reshape", List.of(normal, graph.node("Shape", List.of(features))));
        String scaled = graph.node("Mul", List.of(back, filled("gamma", 1, 4, 1, 1)));
        graph.named("logits", "Add", List.of(scaled, filled("beta", 0, 4, 1, 1)));

        assertThat(weights().learned()).containsExactlyInAnyOrder("w", "gamma", "beta");
    }

    @Test
    void learnsWhatATransformerLearns_andNeitherItsMaskNorItsScales() {
        String patches = graph.node("Conv", List.of("image", filled("patch", 0.1f, 4, 3, 1, 1)));
        String tokens = graph.node("Reshape", List.of(patches, graph.integers(0, 4, 16)));
        String placed = graph.node("Add", List.of(tokens, filled("position", 0.01f, 1, 4, 16)));
        String normal =
                graph.node("LayerNormalization", List.of(placed, filled("gain", 1, 16), filled("shift", 0, 16)));
        String keys = graph.node("MatMul", List.of(normal, filled("query", 0.1f, 16, 16)));
        String scores = graph.node("Div", List.of(keys, filled("root", 4, 1)));
        String bias = graph.node("Gather", List.of(filled("table", 0.5f, 7, 16), graph.integers(0, 1, 2, 3)));
        String biased = graph.node("Add", List.of(scores, bias));
        float[] mask = new float[64];
        Arrays.fill(mask, 32, 64, -100);
        String masked = graph.node("Add", List.of(biased, graph.weight("mask", mask, 4, 16)));
        String shared = graph.node("Mul", List.of(graph.node("Softmax", List.of(masked)), filled("layer", 1e-5f, 16)));
        graph.named("logits", "Mul", List.of(shared, filled("half", 0.5f, 1)));

        assertThat(weights().learned())
                .containsExactlyInAnyOrder("patch", "position", "gain", "shift", "query", "table", "layer");
    }

    @Test
    void leavesArithmeticOfSizes_beside_aShape() {
        String features = graph.node("Conv", List.of("image", filled("w", 0.1f, 4, 3, 1, 1)));
        String sides = graph.node(
                "Cast",
                List.of(graph.node("Shape", List.of(features))),
                Attributes.integer("to", TensorProto.DataType.FLOAT_VALUE));
        String doubled = graph.node("Mul", List.of(sides, graph.weight("twice", new float[] {1, 1, 2, 2}, 4)));
        String size = graph.node("Cast", List.of(doubled), Attributes.integer("to", TensorProto.DataType.INT64_VALUE));
        graph.named("logits", "Resize", List.of(features, "", "", size), Attributes.text("mode", "linear"));

        assertThat(weights().learned()).containsExactly("w");
    }

    @Test
    void findsTheHead_behindResizesAndSums() {
        String low = graph.node("Conv", List.of("image", filled("backbone", 0.1f, 4, 3, 1, 1)));
        String first = graph.node("Conv", List.of(low, filled("first", 0.1f, 2, 4, 1, 1)));
        String second = graph.node("Conv", List.of(low, filled("second", 0.1f, 2, 4, 1, 1)));
        String sum = graph.node("Add", List.of(first, second));
        graph.named(
                "logits",
                "Resize",
                List.of(sum, "", graph.weight("scales", new float[] {1, 1, 2, 2}, 4)),
                Attributes.text("mode", "linear"));

        assertThat(weights().head(List.of("logits"))).containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void freezesANormalisationAsAWhole_whenAnyPartOfItIsNamed() {
        String features = graph.node("Conv", List.of("image", filled("w", 0.1f, 4, 3, 1, 1)));
        graph.named(
                "logits",
                "BatchNormalization",
                List.of(features, filled("bn.s", 1, 4), filled("bn.b", 0, 4), filled("bn.m", 0, 4), filled("v", 1, 4)));

        Weights weights = weights("bn.s");

        assertThat(weights.learned()).containsExactly("w");
        assertThat(weights.buffers()).isEmpty();
        assertThat(weights.isInUse(1)).isTrue();
        assertThat(weights.isInUse(0)).isFalse();
    }

    private Weights weights(String... frozen) {
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", "C", "H", "W");
        ModelProto model = ConstantNodes.asWeights(graph.build());
        return Weights.of(model.getGraph(), FrozenWeights.of(model.getGraph(), List.of(frozen)));
    }

    private String filled(String name, float value, long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        Arrays.fill(values, value);
        return graph.weight(name, values, shape);
    }
}
