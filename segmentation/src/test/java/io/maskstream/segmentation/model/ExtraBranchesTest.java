package io.maskstream.segmentation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.graph.TensorValues;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.zoo.StartingModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Surgery on graphs, judged by what ONNX Runtime says of them. */
class ExtraBranchesTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final ClassList CLASSES = ClassList.of(List.of("sky", "road", "car"));
    private static final float[] PICTURE = noise();

    @ParameterizedTest
    @ValueSource(strings = {"light", "unet"})
    void givesTheSameScores_whenADecoderIsCopied(String name) throws ModelFormatException {
        ModelProto model = model(name);
        ModelProto with = ExtraBranches.withDecoder(
                FeatureTaps.named(model, HEIGHT, WIDTH), "second", "encoder", ExtraBranches.Start.COPIED, 1);

        Map<String, float[]> scores = run(with, "logits", "logits.second");

        assertThat(scores.get("logits.second")).isEqualTo(scores.get("logits"));
        assertThat(scores.get("logits")).isEqualTo(run(model, "logits").get("logits"));
        assertThat(ExtraBranches.names(with)).containsExactly("second");
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "unet"})
    void leavesTheOriginalByteForByte_whenAllIsTakenAway(String name) throws ModelFormatException {
        ModelProto model = model(name);
        ModelProto with = ExtraBranches.withHead(model, "deep", "encoder", channels(model, "encoder"), 8, 3, 5);
        with = ExtraBranches.withDecoder(with, "a", "encoder", ExtraBranches.Start.FRESH, 1);
        with = ExtraBranches.withDecoder(with, "b", "decoder", ExtraBranches.Start.FRESH, 2);
        with = FeatureTaps.with(with, "seen", "encoder");
        Map<String, float[]> scores = run(with, "logits", "logits.deep", "logits.a", "logits.b");

        assertThat(ExtraBranches.names(with)).containsExactly("deep", "a", "b");
        assertThat(scores.get("logits.a")).hasSameSizeAs(scores.get("logits")).isNotEqualTo(scores.get("logits"));
        assertThat(scores.get("logits.deep")).hasSize(3 * HEIGHT * WIDTH).isNotEqualTo(scores.get("logits.a"));
        assertThat(ExtraBranches.without(with, "a")).isNotEqualTo(with);
        assertThat(ExtraBranches.names(ExtraBranches.without(with, "a"))).containsExactly("deep", "b");
        assertThat(ExtraBranches.withoutAll(with).toByteArray()).isEqualTo(model.toByteArray());
    }

    @Test
    void releasesTheDeployedPathAlone() throws ModelFormatException {
        ModelProto model = model("light");
        ModelProto with = ExtraBranches.withDecoder(model, "a", "encoder", ExtraBranches.Start.FRESH, 1);

        assertThat(PseudoLabelHead.attach(with).toByteArray())
                .isEqualTo(PseudoLabelHead.attach(model).toByteArray());
    }

    @Test
    void copiesWeightsThatAreReshapedFirst() throws ModelFormatException {
        GraphBuilder graph = GraphBuilder.empty("keras");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        graph.named("features", "Relu", List.of("image"));
        String kernel = graph.node(
                "Transpose",
                List.of(graph.weight("kernel", new float[] {1, 2, 3, 4, 5, 6}, 1, 1, 3, 2)),
                Attributes.ints("perm", 3, 2, 0, 1));
        graph.named("logits", "Conv", List.of("features", kernel));
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", "2", "H", "W");

        ModelProto with = ExtraBranches.withDecoder(graph.build(), "b", "features", ExtraBranches.Start.COPIED, 1);

        assertThat(with.getGraph().getInitializerList())
                .extracting(weight -> weight.getName())
                .containsExactly("kernel", "extra/b/kernel");
        Map<String, float[]> scores = run(with, "logits", "logits.b");
        assertThat(scores.get("logits.b")).isEqualTo(scores.get("logits"));
    }

    @Test
    void startsAtTheSizeOfTheFeatures_whenAHeadIsFresh() {
        ModelProto with = ExtraBranches.withHead(model("unet"), "a", "decoder", 16, 200, 3, 1);

        assertThat(variance(with, "extra/a/hidden.weight")).isCloseTo(2.0 / (9 * 16), withinPercentage(5));
        assertThat(variance(with, "extra/a/classifier.weight")).isCloseTo(1.0 / 200, withinPercentage(15));
    }

    private static double variance(ModelProto model, String weight) {
        float[] values = model.getGraph().getInitializerList().stream()
                .filter(tensor -> tensor.getName().equals(weight))
                .map(TensorValues::floats)
                .findFirst()
                .orElseThrow();
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum / values.length;
    }

    @Test
    void readsSkipConnectionsThroughValuesOfItsOwn_whenABranchIsADecoder() {
        ModelProto model = model("unet");
        List<String> skips = FeatureTaps.decoder(model, "encoder").besides();

        ModelProto with = ExtraBranches.withDecoder(model, "a", "encoder", ExtraBranches.Start.FRESH, 1);

        assertThat(skips).isNotEmpty().doesNotContain("encoder", "image");
        GraphView view = new GraphView(with);
        for (int i = 0; i < skips.size(); i++) {
            assertThat(view.readers(skips.get(i)))
                    .filteredOn(node -> node.getName().startsWith("extra/"))
                    .extracting(node -> node.getOutput(0))
                    .containsExactly(ExtraBranches.beside("a") + i);
            assertThat(view.readers(ExtraBranches.beside("a") + i)).isNotEmpty();
        }
        assertThat(FeatureTaps.decoder(model, "decoder").besides()).isEmpty();
    }

    @Test
    void saysWhatIsWrong_whenABranchCannotBe() {
        ModelProto model = model("light");

        assertThatThrownBy(() -> ExtraBranches.withHead(model, "a/b", "encoder", 8, 0, 3, 1))
                .hasMessageContaining("letters, digits");
        assertThatThrownBy(() -> ExtraBranches.withHead(model, "a", "nowhere", 8, 0, 3, 1))
                .hasMessageContaining("no inner value 'nowhere'");
        ModelProto with = ExtraBranches.withDecoder(model, "a", "encoder", ExtraBranches.Start.COPIED, 1);
        assertThatThrownBy(() -> ExtraBranches.withDecoder(with, "a", "encoder", ExtraBranches.Start.COPIED, 1))
                .hasMessageContaining("already");
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "unet"})
    void findsTheFeatures_whereNoValueHasTheirName(String name) throws ModelFormatException {
        ModelProto nameless = withoutNames(model(name));
        Map<String, long[]> shapes = GraphRun.shapes(nameless, HEIGHT, WIDTH);

        FeatureTaps.Places places = FeatureTaps.find(nameless, HEIGHT, WIDTH);

        long[] named = Objects.requireNonNull(shapes.get("value_17"));
        assertThat(places.decoder()).isEqualTo("value_42");
        assertThat(Arrays.copyOfRange(Objects.requireNonNull(shapes.get(places.encoder())), 2, 4))
                .isEqualTo(Arrays.copyOfRange(named, 2, 4));
        assertThat(FeatureTaps.find(model(name), HEIGHT, WIDTH))
                .isEqualTo(new FeatureTaps.Places("encoder", "decoder"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "deeplabv3-mobilenetv2-05-voc",
                "deeplabv3-mobilenetv2-voc",
                "deeplabv3-mobilenetedgetpu-cityscapes"
            })
    void findsTheBackbonesEnd_inPretrainedNetworks(String name) throws IOException {
        Path file = Path.of(System.getProperty("maskstream.models", "absent"), name + ".onnx");
        assumeTrue(Files.exists(file), "the pretrained network " + name + " is not there");
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));

        FeatureTaps.Places places = FeatureTaps.find(model, 129, 129);

        GraphView view = new GraphView(model);
        assertThat(view.readers(places.encoder()))
                .extracting(NodeProto::getOpType)
                .contains("GlobalAveragePool", "Conv");
        assertThat(view.readers(places.decoder()))
                .extracting(NodeProto::getOpType)
                .contains("Conv");
        assertThat(places.decoder()).isNotEqualTo(places.encoder());
    }

    @Test
    void computesTheSame_whenNormalisationIsInserted() throws ModelFormatException {
        GraphBuilder graph = GraphBuilder.empty("folded");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        String first = convolution(graph, "image", "first", 8, 3);
        String second = convolution(graph, graph.node("Relu", List.of(first)), "second", 6, 8);
        graph.named(
                "scores",
                "Conv",
                List.of(
                        graph.node("Relu", List.of(second)),
                        weights(graph, "third", 3, 6),
                        graph.weight("b", new float[] {1, 2, 3}, 3)));
        graph.named("logits", "Identity", List.of("scores"));
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        ModelProto model = graph.build();

        ModelProto with = InsertedNormalisation.insert(model, List.of(PICTURE, noise()), HEIGHT, WIDTH);

        assertThat(with.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .filteredOn("BatchNormalization"::equals)
                .hasSize(2);
        float[] before = Objects.requireNonNull(run(model, "logits").get("logits"));
        float[] after = Objects.requireNonNull(run(with, "logits").get("logits"));
        for (int i = 0; i < before.length; i++) {
            assertThat(after[i]).isCloseTo(before[i], within(1e-4f));
        }
    }

    private static String convolution(GraphBuilder graph, String in, String name, int out, int channels) {
        return graph.node(
                "Conv",
                List.of(in, weights(graph, name, out, channels), graph.weight(name + ".bias", new float[out], out)));
    }

    private static String weights(GraphBuilder graph, String name, int out, int in) {
        Random random = new Random(name.hashCode());
        float[] values = new float[out * in];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return graph.weight(name, values, out, in, 1, 1);
    }

    /** Gives the two named values other names, as a graph from elsewhere has them. */
    private static ModelProto withoutNames(ModelProto model) {
        Map<String, String> other = Map.of("encoder", "value_17", "decoder", "value_42");
        ModelProto.Builder renamed = model.toBuilder();
        for (NodeProto.Builder node : renamed.getGraphBuilder().getNodeBuilderList()) {
            for (int i = 0; i < node.getInputCount(); i++) {
                node.setInput(i, other.getOrDefault(node.getInput(i), node.getInput(i)));
            }
            for (int i = 0; i < node.getOutputCount(); i++) {
                node.setOutput(i, other.getOrDefault(node.getOutput(i), node.getOutput(i)));
            }
        }
        return renamed.build();
    }

    private static int channels(ModelProto model, String value) throws ModelFormatException {
        return (int)
                Objects.requireNonNull(GraphRun.shapes(model, HEIGHT, WIDTH).get(value))[1];
    }

    private static Map<String, float[]> run(ModelProto model, String... outputs) throws ModelFormatException {
        try (GraphRun run = GraphRun.of(model, List.of(outputs))) {
            Map<String, float[]> found = run.run(PICTURE, 1, 3, HEIGHT, WIDTH);
            found.keySet().retainAll(List.of(outputs));
            return found;
        }
    }

    private static ModelProto model(String name) {
        return StartingModels.named(name).build(CLASSES, HEIGHT, WIDTH, 3);
    }

    private static float[] noise() {
        Random random = new Random(11);
        float[] picture = new float[3 * HEIGHT * WIDTH];
        for (int i = 0; i < picture.length; i++) {
            picture[i] = (float) random.nextGaussian();
        }
        return picture;
    }
}
