package io.maskstream.trainer.adoption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.maskstream.segmentation.adoption.AdoptionOptions;
import io.maskstream.segmentation.adoption.Layout;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.ModelInput.SizePolicy;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.trainer.adoption.ExporterGraphs.Exported;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.GraphNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ModelImportTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void useOneThread() {
        Torch.threads(1);
    }

    static Stream<Arguments> exporters() {
        return Stream.of(
                Arguments.of("pytorch", ExporterGraphs.pytorchWithNormalisation()),
                Arguments.of("pytorch-folded", ExporterGraphs.pytorchFolded()),
                Arguments.of("keras", ExporterGraphs.keras()),
                Arguments.of("paddle", ExporterGraphs.paddle()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("exporters")
    void saysWhatTheOriginalSays_thenTrainsAndAgreesAgain(String name, Exported exported) throws Exception {
        ModelImport.Imported imported = importing(name, exported.model(), options(name, exported));
        assertThat(imported.report().agreement().largestDifference()).isLessThan(1e-4);
        ModelProto trainable = PseudoLabelHead.detach(imported.model());
        float[] picture = picture(3 * exported.height() * exported.width());
        assertClose(scores(trainable, picture, exported), originalScores(exported, picture), 1e-4);

        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(trainable, Device.CPU)) {
            Tensor image = torch.from_blob(
                            new org.bytedeco.javacpp.FloatPointer(picture),
                            new long[] {1, 3, exported.height(), exported.width()},
                            Torch.float32(Device.CPU))
                    .clone();
            train(network, torch.cat(new TensorVector(image, image.neg()), 0));
            network.eval();
            float[] ours;
            try (NoGradGuard guard = new NoGradGuard()) {
                ours = ImageTensors.toFloats(network.forward(image).logits());
            }
            assertClose(ours, scores(network.toModel(), picture, exported), 1e-4);
            InferenceModel.of(PseudoLabelHead.attach(network.toModel()), Device.CPU, 1)
                    .close();
        }
    }

    @Test
    void saysWhatItFoundAndChanged_whenAnOldStaticGraphIsImported() throws IOException {
        Exported exported = ExporterGraphs.pytorchFolded();
        ModelImport.Imported imported = importing("old", exported.model(), options("old", exported));
        assertThat(imported.report().facts()).containsEntry("operator set", "11");
        assertThat(imported.report().rewritings())
                .anyMatch(line -> line.contains("listed as inputs"))
                .anyMatch(line -> line.contains("Softmax '55:Softmax'"))
                .anyMatch(line -> line.contains("Unsqueeze=1"))
                .anyMatch(line -> line.contains("Resize nodes had pictures and channels"));
        assertThat(imported.report().assumptions()).anyMatch(line -> line.contains("class0 to class4"));
        assertThat(ModelMetadata.read(imported.model()).input().sizePolicy()).isEqualTo(SizePolicy.FIXED);
    }

    @Test
    void findsThatTheGraphNormalisesItself_whenKerasRescalesInside() throws IOException {
        Exported exported = ExporterGraphs.keras();
        ModelImport.Imported imported = importing("keras", exported.model(), new AdoptionOptions("keras"));
        assertThat(imported.report().facts().get("normalisation")).contains("rescaling/mul");
        assertThat(ModelMetadata.read(imported.model()).input().std().get(0)).isEqualTo(1 / 255f);
    }

    @Test
    void countsWhatStaysFrozen_byNamesOfWeightsOrNodes() throws IOException {
        Exported exported = ExporterGraphs.pytorchWithNormalisation();
        AdoptionOptions asked = options("frozen", exported).frozen(List.of("backbone.3.*", "/classifier/*"));
        ModelImport.Imported imported = importing("frozen", exported.model(), asked);
        assertThat(imported.report().frozen())
                .containsEntry("backbone.3.*", 576L)
                .containsEntry("/classifier/*", 40L);
        assertThatThrownBy(() -> importing(
                        "none", exported.model(), options("none", exported).frozen(List.of("head*"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("head*");
    }

    @Test
    void putsBatchNormalisationBack_andComputesTheSame() throws IOException, ModelFormatException {
        Exported exported = ExporterGraphs.pytorchFolded();
        List<RgbImage> pictures = List.of(noise(1, exported), noise(2, exported));
        ModelImport.Imported imported = importing(
                "put-back", exported.model(), options("put-back", exported).normaliseOn(pictures));

        assertThat(imported.report().rewritings()).anyMatch(line -> line.contains("batch normalisation follows"));
        ModelProto trainable = PseudoLabelHead.detach(imported.model());
        assertThat(trainable.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .contains("BatchNormalization");
        float[] picture = picture(3 * exported.height() * exported.width());
        assertClose(scores(trainable, picture, exported), originalScores(exported, picture), 1e-3);
    }

    @Test
    void refusesToPutBackWhatWasNotFolded_orIsFrozen() {
        Exported exported = ExporterGraphs.pytorchWithNormalisation();
        assertThatThrownBy(() -> importing(
                        "whole", exported.model(), options("whole", exported).normaliseOn(List.of(noise(1, exported)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no batch normalisation was folded away");
        AdoptionOptions both =
                options("both", exported).frozen(List.of("backbone.3.*")).normaliseOn(List.of(noise(1, exported)));
        assertThatThrownBy(() -> importing("both", exported.model(), both))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("frozen");
    }

    private static RgbImage noise(long seed, Exported exported) {
        byte[] pixels = new byte[3 * exported.height() * exported.width()];
        new Random(seed).nextBytes(pixels);
        return new RgbImage(exported.height(), exported.width(), Bytes.wrap(pixels));
    }

    @Test
    void namesEveryNode_whenOperatorsAreNotSupported() {
        ModelProto.Builder model = ExporterGraphs.pytorchWithNormalisation().model().toBuilder();
        model.getGraphBuilder().getNodeBuilderList().stream()
                .filter(node -> node.getOutput(0).equals("/backbone/5/Relu_output_0"))
                .forEach(node -> node.setOpType("Bernoulli"));
        assertThatThrownBy(() -> importing("odd", model.build(), new AdoptionOptions("odd")))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("/backbone/5/Relu_output_0")
                .hasMessageContaining("Bernoulli");
    }

    private ModelImport.Imported importing(String name, ModelProto model, AdoptionOptions asked) throws IOException {
        Path file = folder.resolve(name + ".onnx");
        ModelFile.write(file, model);
        return ModelImport.of(file, asked);
    }

    private static AdoptionOptions options(String name, Exported exported) {
        return new AdoptionOptions(name).size(exported.height(), exported.width());
    }

    private static void train(GraphNetwork network, Tensor images) {
        network.train();
        Tensor truth = torch.argmax(images, new org.bytedeco.pytorch.LongOptional(1), false); // a colour to tell
        AdamW optimiser = new AdamW(
                new TensorVector(network.parameters().values().toArray(Tensor[]::new)), new AdamWOptions(1e-2));
        double first = 0;
        double last = 0;
        for (int step = 0; step < 12; step++) {
            try (PointerScope scope = new PointerScope()) {
                optimiser.zero_grad();
                Tensor loss = torch.cross_entropy(network.forward(images).logits(), truth);
                loss.backward();
                optimiser.step();
                last = loss.item_double();
                first = step == 0 ? last : first;
            }
        }
        assertThat(last).isLessThan(first);
    }

    private static float[] scores(ModelProto trainable, float[] picture, Exported exported) throws IOException {
        try (GraphRun runtime = GraphRun.of(trainable, List.of())) {
            return Objects.requireNonNull(runtime.run(picture, 1, 3, exported.height(), exported.width())
                    .get("logits"));
        }
    }

    /** Returns what the file itself says in ONNX Runtime, as {@code [C, H, W]}. */
    private static float[] originalScores(Exported exported, float[] picture) throws IOException {
        int area = exported.height() * exported.width();
        boolean last = exported.layout() == Layout.NHWC;
        String value = exported.scores().equals("54") ? "53" : exported.scores(); // before the transposes
        try (GraphRun runtime = GraphRun.of(exported.model(), List.of(value))) {
            float[] given = last ? transposed(picture, 3, area) : picture;
            long[] shape = last
                    ? new long[] {1, exported.height(), exported.width(), 3}
                    : new long[] {1, 3, exported.height(), exported.width()};
            float[] scores = Objects.requireNonNull(runtime.run(given, shape).get(value));
            return last ? transposed(scores, area, scores.length / area) : scores;
        }
    }

    private static float[] transposed(float[] values, int rows, int columns) {
        float[] turned = new float[values.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                turned[c * rows + r] = values[r * columns + c];
            }
        }
        return turned;
    }

    private static float[] picture(int count) {
        Random random = new Random(5);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static void assertClose(float[] ours, float[] theirs, double tolerance) {
        assertThat(Agreement.difference(ours, theirs)).isLessThan(tolerance);
    }
}
