package io.maskstream.segmentation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.zoo.StartingModel;
import io.maskstream.segmentation.model.zoo.StartingModels;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationCountTest {
    private static final ClassList CLASSES = ClassList.of(List.of("a", "b", "c", "d"));

    /** Rows and columns 5 x 7 become 3 x 4: 4 * 12 outputs of 27 products, then depthwise 4 * 12 of 9. */
    @Test
    void countsConvolutionsByTheirOutputs() {
        GraphBuilder graph = picture();
        String wide = graph.node(
                "Conv",
                List.of("image", graph.weight("w", new float[4 * 27], 4, 3, 3, 3), graph.weight("b", new float[4], 4)),
                Attributes.ints("strides", 2, 2),
                Attributes.ints("pads", 1, 1, 1, 1));
        graph.named(
                "logits",
                "Conv",
                List.of(wide, graph.weight("d", new float[4 * 9], 4, 1, 3, 3)),
                Attributes.ints("dilations", 2, 2),
                Attributes.ints("pads", 2, 2, 2, 2),
                Attributes.integer("group", 4));
        OperationCount count = OperationCount.of(graph.build(), 5, 7);
        assertThat(count.multiplyAccumulates()).isEqualTo(4 * 12 * 27 + 4 * 12 * 9);
        assertThat(count.parameters()).isEqualTo(4 * 27 + 4 + 4 * 9);
    }

    /** 35 cells of 3 channels times [3, 8], then [35, 8] times [8, 35]. */
    @Test
    void countsProductsOfMatrices_whenTheyAreOfWeightsAndOfFeatures() {
        GraphBuilder graph = picture();
        String flat = graph.node("Reshape", List.of("image", graph.integers(0, 3, -1)));
        String cells = graph.node("Transpose", List.of(flat), Attributes.ints("perm", 0, 2, 1));
        String wide = graph.node("MatMul", List.of(cells, graph.weight("w", new float[24], 3, 8)));
        String turned = graph.node("Transpose", List.of(wide), Attributes.ints("perm", 0, 2, 1));
        graph.named("logits", "MatMul", List.of(wide, turned));
        assertThat(OperationCount.of(graph.build(), 5, 7).multiplyAccumulates()).isEqualTo(35 * 3 * 8 + 35 * 8 * 35);
    }

    /**
     * By hand, channel by channel, at 16 x 8: the convolutions of the three levels and the way up, each its cells times its
     * weights.
     */
    @Test
    void agreesWithTheHand_whenTheNetworkIsTheSmallUNet() {
        ModelProto model = StartingModels.named("unet-small").build(CLASSES, 16, 8, 1);
        long full = 9 * (3 * 8 + 8 * 8) + 9 * (16 * 8 + 8 * 8) + 8 * 4;
        long half = 9 * (8 * 16 + 16 * 16) + 9 * (32 * 16 + 16 * 8);
        long quarter = 9 * (16 * 32 + 32 * 32) + 9 * (64 * 24 + 24 * 16);
        long deep = 9 * (32 * 40 + 40 * 32);
        OperationCount count = OperationCount.of(model, 16, 8);
        assertThat(count.multiplyAccumulates()).isEqualTo(128 * full + 32 * half + 8 * quarter + 2 * deep);
        long normalised = 8 + 8 + 16 + 16 + 32 + 32 + 40 + 32 + 24 + 16 + 16 + 8 + 8 + 8;
        assertThat(count.parameters()).isEqualTo(full + half + quarter + deep + 2 * normalised + 4);
    }

    /** The parameters are those of the published networks where these are built as published. */
    @ParameterizedTest
    @CsvSource({"unet, 264331", "segformer-b0, 3716971"})
    void countsWhatLearns(String name, long parameters) {
        ClassList eleven = ClassList.of(List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"));
        ModelProto model = StartingModels.named(name).build(eleven, 64, 64, 1);
        assertThat(OperationCount.of(model, 64, 64).parameters()).isEqualTo(parameters);
    }

    @Test
    void followsEveryStartingModel_whenTheSizeIsOdd() {
        for (StartingModel starting : StartingModels.all()) {
            ModelProto model = starting.build(CLASSES, 97, 131, 1);
            assertThat(OperationCount.of(model, 97, 131).multiplyAccumulates())
                    .as(starting.name())
                    .isGreaterThan(OperationCount.of(model, 64, 64).multiplyAccumulates());
        }
    }

    @Test
    void namesTheNode_whenItsShapeIsNotKnown() {
        GraphBuilder graph = picture();
        graph.named("logits", "Gelu", List.of("image"));
        assertThatThrownBy(() -> OperationCount.of(graph.build(), 8, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Gelu 'logits:Gelu'");
    }

    private static GraphBuilder picture() {
        GraphBuilder graph = GraphBuilder.empty("counted");
        graph.input("image", 1, "N", "3", "H", "W");
        return graph;
    }
}
