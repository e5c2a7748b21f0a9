package io.maskstream.segmentation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.ModelInput.SizePolicy;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.uncertainty.ImageUncertainty;
import io.maskstream.segmentation.uncertainty.ProbabilityMap;
import io.maskstream.segmentation.uncertainty.UncertaintyMeasure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PseudoLabelHeadTest {
    private static final float[][] WEIGHTS = {{3, -1, 0}, {-2, 4, 1}, {0, 1, 2}, {1, 1, -3}};

    @ParameterizedTest
    @CsvSource({"48, 64, 1.0, 13", "50, 70, 1.0, 13", "50, 70, 2.5, 13", "17, 33, 0.5, 17", "48, 64, 1.0, 18"})
    void agreesWithThePlainDefinitions(int height, int width, double temperature, int opset) throws Exception {
        ModelProto model = withOpset(ToyModels.mixtures(WEIGHTS, temperature, SizePolicy.STRIDE, 64, 64), opset);
        RgbImage image = ToyModels.noise(height, width, 4);
        ProbabilityMap truth =
                ProbabilityMap.softmax(WEIGHTS.length, height, width, ToyModels.logits(model, image), temperature);
        ImageUncertainty measured = ImageUncertainty.of(truth, PseudoLabelHead.cell(64, 64));
        try (InferenceModel inference = InferenceModel.of(model, Device.CPU, 1)) {
            ModelOutput output = inference
                    .run(List.of(ToyModels.noise(height, width, 9), image))
                    .get(1);
            assertThat(output.mask()).isEqualTo(truth.mask());
            assertBytesClose(output.confidence().values(), truth.confidence().values());
            for (UncertaintyMeasure measure : UncertaintyMeasure.values()) {
                assertThat(output.scores().get(measure.wireName()))
                        .as(measure.wireName())
                        .isCloseTo(measured.score(measure), within(1e-5));
            }
            assertThat(output.regions().rows()).isEqualTo(measured.rows());
            assertThat(output.regions().columns()).isEqualTo(measured.columns());
            for (int cell = 0; cell < measured.rows() * measured.columns(); cell++) {
                double entropy = measured.region(cell / measured.columns(), cell % measured.columns());
                assertThat((double) output.regions().scores().at(cell)).isCloseTo(255 * entropy, within(0.501));
            }
            assertFigures(output, truth);
        }
    }

    private static void assertFigures(ModelOutput output, ProbabilityMap truth) {
        long[][] bins = new long[truth.classes()][PseudoLabelHead.BINS];
        int pixels = truth.height() * truth.width();
        for (int pixel = 0; pixel < pixels; pixel++) {
            int best = truth.best(pixel);
            bins[best][Math.min(PseudoLabelHead.BINS - 1, (int) (truth.at(best, pixel) * PseudoLabelHead.BINS))]++;
        }
        long total = 0;
        long moved = 0;
        for (ModelOutput.ClassCount figure : output.classFigures()) {
            long sum = 0;
            for (int bin = 0; bin < PseudoLabelHead.BINS; bin++) {
                sum += figure.confidenceHistogram().get(bin);
                moved += Math.abs(figure.confidenceHistogram().get(bin) - bins[figure.classId()][bin]);
            }
            assertThat(sum).isEqualTo(figure.pixels());
            total += sum;
        }
        assertThat(total).isEqualTo(pixels);
        assertThat(moved).isLessThanOrEqualTo(4); // a probability on the edge of a bin may fall to either side
    }

    @Test
    void givesTheKnownValues_whenThePixelsAreKnown() throws Exception {
        // red: scores 2, 1, 0 of the sheet; green: a tie of the first two; black: all equal
        float[][] weights = {{2, 3, 0}, {1, 3, 0}, {0, 0, 0}};
        byte[] pixels = new byte[3 * 8 * 12];
        for (int i = 0; i < 32; i++) {
            pixels[3 * i] = (byte) 255;
            pixels[3 * (32 + i) + 1] = (byte) 255;
        }
        RgbImage image = new RgbImage(8, 12, Bytes.wrap(pixels));
        ModelProto model = ToyModels.mixtures(weights, 1, SizePolicy.STRIDE, 8, 12);
        try (InferenceModel inference = InferenceModel.of(model, Device.CPU, 1)) {
            ModelOutput output = inference.run(List.of(image)).get(0);
            double tied = Math.exp(3) / (2 * Math.exp(3) + 1);
            double third = 1.0 / 3;
            assertThat(output.confidence().values().at(0)).isEqualTo(170); // 255 * 0.665241
            assertThat(output.confidence().values().at(40)).isEqualTo((int) Math.rint(255 * tied));
            assertThat(output.confidence().values().at(95)).isEqualTo(85);
            assertThat(output.mask().classes().at(40)).isZero(); // of equals the lowest
            assertThat(output.scores().get("confidence")).isCloseTo(1 - (0.665241 + tied + third) / 3, within(1e-5));
            assertThat(output.scores().get("margin")).isCloseTo(1 - (0.420513 + 0 + 0) / 3, within(1e-5));
            assertThat(output.scores().get("boundary")).isZero();
            double tiedEntropy = -2 * tied * Math.log(tied) - (1 - 2 * tied) * Math.log(1 - 2 * tied);
            double entropy = (0.832396 + tiedEntropy + Math.log(3)) / 3 / Math.log(3);
            assertThat(output.scores().get("entropy")).isCloseTo(entropy, within(1e-5));
            assertThat(output.classFigures()).singleElement().satisfies(figure -> {
                assertThat(figure.pixels()).isEqualTo(96);
                assertThat(figure.confidenceHistogram().get(33)).isEqualTo(32); // 0.665241 * 50 = 33.3
            });
        }
    }

    @Test
    void comesBackToTheTrainableGraph_whenDetached() throws Exception {
        ModelProto model = StartingModels.named("light").build(ClassList.of(List.of("no", "yes")), 64, 64, 1);
        ModelProto detached = PseudoLabelHead.detach(PseudoLabelHead.attach(model));
        assertThat(detached.getGraph().getNodeList()).isEqualTo(model.getGraph().getNodeList());
        assertThat(detached.getGraph().getInitializerList())
                .isEqualTo(model.getGraph().getInitializerList());
        assertThat(detached.getGraph().getOutputList())
                .isEqualTo(model.getGraph().getOutputList());
        assertThat(ModelMetadata.read(detached)).isEqualTo(ModelMetadata.read(model));
    }

    @Test
    void cutsAwayWhatOnlyTrainingNeeds_whenAttached() throws Exception {
        GraphBuilder graph = GraphBuilder.on(ToyModels.mixtures(WEIGHTS, 1, SizePolicy.FIXED, 8, 8));
        graph.named("auxiliary", "Sigmoid", List.of("logits"));
        graph.output("auxiliary", TensorProto.DataType.FLOAT_VALUE, "N", "4", "H", "W");
        ModelProto deployed = PseudoLabelHead.attach(graph.build());
        assertThat(deployed.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .doesNotContain("Sigmoid");
        assertThat(PseudoLabelHead.isAttached(deployed)).isTrue();
        assertThatThrownBy(() -> PseudoLabelHead.attach(deployed)).hasMessageContaining("already");
    }

    private static ModelProto withOpset(ModelProto model, int version) {
        ModelProto.Builder builder = model.toBuilder();
        builder.getOpsetImportBuilder(0).setVersion(version);
        return builder.build();
    }

    private static void assertBytesClose(Bytes found, Bytes expected) {
        for (int i = 0; i < expected.length(); i++) {
            assertThat(Math.abs(found.at(i) - expected.at(i))).isLessThanOrEqualTo(1);
        }
    }
}
