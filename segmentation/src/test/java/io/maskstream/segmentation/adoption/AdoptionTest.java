package io.maskstream.segmentation.adoption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.ModelInput.SizePolicy;
import io.maskstream.segmentation.model.ModelMetadata;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdoptionTest {
    private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;
    private static final int SIDE = 32;
    private static final List<String> OLD = List.of("road", "car", "bus", "sky");
    private static final ClassMap MAP =
            ClassMap.parse(List.of("# a comment", "vehicle = car, bus", "rest = road, sky"), "map");

    @Test
    void addsUpProbabilities_whenOldClassesAreMergedByLogSumExp() throws IOException {
        float[] old = scores(adopt(network(4, true), options().oldClasses(OLD)));
        float[] merged =
                scores(adopt(network(4, false), options().oldClasses(OLD).classMap(MAP)));
        int area = SIDE * SIDE;
        for (int i = 0; i < area; i += 97) {
            double[] powers = new double[4];
            for (int c = 0; c < 4; c++) {
                powers[c] = Math.exp(old[c * area + i]);
            }
            assertThat(Math.exp(merged[i])).isCloseTo(powers[1] + powers[2], within(1e-3));
            assertThat(Math.exp(merged[area + i])).isCloseTo(powers[0] + powers[3], within(1e-3));
        }
    }

    @Test
    void averagesScores_whenOldClassesAreMergedByMean() throws IOException {
        float[] old = scores(adopt(network(4, true), options().oldClasses(OLD)));
        Adoption.Adopted adopted =
                adopt(network(4, true), options().oldClasses(OLD).classMap(MAP).merge(Merge.MEAN));
        float[] merged = scores(adopted);
        int area = SIDE * SIDE;
        for (int i = 0; i < area; i += 97) {
            assertThat(merged[i]).isCloseTo((old[area + i] + old[2 * area + i]) / 2, within(1e-5f));
        }
        assertThat(ModelMetadata.read(adopted.model()).classes().names()).containsExactly("vehicle", "rest");
    }

    @Test
    void keepsTheRest_whenTheClassifierIsReplaced() throws IOException {
        Adoption.Adopted adopted = adopt(network(4, true), options().classes(List.of("a", "b", "c")));
        List<TensorProto> weights = adopted.model().getGraph().getInitializerList();
        assertThat(weights).anyMatch(weight -> weight.getName().equals("stem.weight"));
        assertThat(weights).noneMatch(weight -> weight.getName().equals("classifier.weight"));
        assertThat(scores(adopted)).hasSize(3 * SIDE * SIDE);
        assertThat(adopted.findings().rewritings()).anyMatch(line -> line.contains("Conv 'scores:Conv'"));
    }

    @Test
    void saysTheSame_whenOneSigmoidTellsForegroundFromBackground() throws IOException {
        ModelProto binary = network(1, true);
        GraphBuilder graph = GraphBuilder.on(binary).clearOutputs();
        graph.named("mask_probability", "Sigmoid", List.of("large"));
        graph.output("mask_probability", FLOAT, "N", "1", "H", "W");
        Adoption.Adopted adopted = adopt(graph.build(), options());
        float[] two = scores(adopted);
        float[] one = run(graph.build(), "mask_probability");
        int area = SIDE * SIDE;
        for (int i = 0; i < area; i += 97) {
            double share = 1 / (1 + Math.exp(two[i] - two[area + i]));
            assertThat(share).isCloseTo(one[i], within(1e-5));
        }
        assertThat(adopted.findings().rewritings()).anyMatch(line -> line.contains("sigmoid of z"));
    }

    @Test
    void asksForClasses_whenTheGraphEndsInFeatures() {
        assertThatThrownBy(() -> adopt(features(), options()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("features, not class scores")
                .hasMessageContaining("--classes");
    }

    @Test
    void putsAClassifierOn_whenTheGraphEndsInFeaturesAndClassesAreNamed() throws IOException {
        Adoption.Adopted adopted = adopt(features(), options().classes(List.of("a", "b")));
        assertThat(scores(adopted)).hasSize(2 * SIDE * SIDE);
        assertThat(adopted.findings().rewritings()).anyMatch(line -> line.contains("fresh 1x1 convolution"));
    }

    @Test
    void resizesTheScores_whenTheyAreSmallAndCalledLogitsAlready() throws IOException {
        GraphBuilder graph = GraphBuilder.on(features()).clearOutputs();
        graph.named("logits", "Conv", List.of("features", weights(graph, "classifier.weight", 3, 16, 1, 1)));
        graph.output("logits", FLOAT, "N", "3", "h", "w");
        Adoption.Adopted adopted = adopt(graph.build(), options());
        assertThat(scores(adopted)).hasSize(3 * SIDE * SIDE);
        assertThat(adopted.findings().rewritings()).anyMatch(line -> line.contains("resized to the picture's size"));
    }

    @Test
    void namesBothCounts_whenTheOldClassesDoNotFit() {
        assertThatThrownBy(() -> adopt(network(4, true), options().oldClasses(List.of("void", "a", "b", "c", "d"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 old classes are named")
                .hasMessageContaining("scores 4")
                .hasMessageContaining("--old-classes");
    }

    @Test
    void namesTheClass_whenTheMapKnowsOneThatTheNetworkDoesNot() {
        ClassMap wrong = ClassMap.parse(List.of("a = road", "b = tram"), "map");
        assertThatThrownBy(
                        () -> adopt(network(4, true), options().oldClasses(OLD).classMap(wrong)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'tram'")
                .hasMessageContaining("[road, car, bus, sky]");
        assertThatThrownBy(() -> ClassMap.parse(List.of("a = road", "b: tram"), "my.map"))
                .hasMessageContaining("my.map line 2");
    }

    @Test
    void findsTheMultiple_whenASkipNeedsEvenSides() throws IOException {
        GraphBuilder graph = GraphBuilder.empty("skip");
        graph.input("image", FLOAT, "N", "3", "H", "W");
        String down = graph.node(
                "MaxPool", List.of("image"), Attributes.ints("kernel_shape", 4, 4), Attributes.ints("strides", 4, 4));
        String up = graph.node("Resize", List.of(down, "", graph.weight("scales", new float[] {1, 1, 4, 4}, 4)));
        String both = graph.node("Concat", List.of("image", up), Attributes.integer("axis", 1));
        graph.named("logits", "Conv", List.of(both, weights(graph, "classifier.weight", 3, 6, 1, 1)));
        graph.output("logits", FLOAT, "N", "3", "H", "W");
        ModelMetadata metadata = ModelMetadata.read(
                adopt(graph.build(), new AdoptionOptions("toy")).model());
        assertThat(metadata.input().sizePolicy()).isEqualTo(SizePolicy.STRIDE);
        assertThat(metadata.input().multiple()).isEqualTo(4);
        ModelMetadata sized = ModelMetadata.read(adopt(graph.build(), options()).model());
        assertThat(sized.input().sizePolicy()).isEqualTo(SizePolicy.FIXED);
        assertThat(sized.input().multiple()).isEqualTo(4);
    }

    @Test
    void asksForTheLayout_whenNoAxisHasThreeChannels() {
        ModelProto.Builder open = network(4, true).toBuilder();
        open.getGraphBuilder()
                .getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(1)
                .setDimParam("C");
        assertThatThrownBy(() -> adopt(open.build(), options()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("--input-layout");
    }

    private static AdoptionOptions options() {
        return new AdoptionOptions("toy").size(SIDE, SIDE);
    }

    private static Adoption.Adopted adopt(ModelProto model, AdoptionOptions asked) throws ModelFormatException {
        return Adoption.adopt(model, asked);
    }

    /** A stem, a classifier and, where asked, a Resize by a factor behind it; without, the classifier has full size. */
    private static ModelProto network(int classes, boolean strided) {
        GraphBuilder graph = GraphBuilder.empty("toy");
        graph.input("image", FLOAT, "N", "3", "H", "W");
        String stem = graph.named("stem", "Conv", List.of("image", weights(graph, "stem.weight", 4, 3, 1, 1)));
        String features = graph.named("features", "Relu", List.of(stem));
        String scores =
                graph.named("scores", "Conv", List.of(features, weights(graph, "classifier.weight", classes, 4, 1, 1)));
        String large = strided
                ? graph.named(
                        "large", "Resize", List.of(scores, "", graph.weight("scales", new float[] {1, 1, 1, 1}, 4)))
                : graph.named("large", "Identity", List.of(scores));
        return graph.output(large, FLOAT, "N", Integer.toString(classes), "H", "W")
                .build();
    }

    private static ModelProto features() {
        GraphBuilder graph = GraphBuilder.empty("features");
        graph.input("image", FLOAT, "N", "3", "H", "W");
        String stem = graph.node(
                "Conv", List.of("image", weights(graph, "stem.weight", 16, 3, 4, 4)), Attributes.ints("strides", 4, 4));
        graph.named("features", "Relu", List.of(stem));
        return graph.output("features", FLOAT, "N", "16", "h", "w").build();
    }

    private static String weights(GraphBuilder graph, String name, long... shape) {
        Random random = new Random(name.length());
        float[] values = new float[(int) (shape[0] * shape[1] * shape[2] * shape[3])];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return graph.weight(name, values, shape);
    }

    private static float[] scores(Adoption.Adopted adopted) throws IOException {
        return run(adopted.model(), "logits");
    }

    private static float[] run(ModelProto model, String output) throws IOException {
        Random random = new Random(2);
        float[] picture = new float[3 * SIDE * SIDE];
        for (int i = 0; i < picture.length; i++) {
            picture[i] = random.nextFloat();
        }
        try (GraphRun trial = GraphRun.of(model, List.of())) {
            return Objects.requireNonNull(trial.run(picture, 1, 3, SIDE, SIDE).get(output));
        }
    }
}
