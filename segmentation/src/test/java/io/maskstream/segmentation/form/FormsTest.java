package io.maskstream.segmentation.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.TensorValues;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.StreetScenes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms of whole graphs, run by ONNX Runtime; weights are drawn, so every value is in use. */
class FormsTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final StreetScenes SCENES = new StreetScenes(3, HEIGHT, WIDTH);

    @Test
    void changesNothing_whenBatchNormalisationIsFolded() throws Exception {
        ModelProto model = released("deeplabv3plus-mobilenetv2");
        OpenGraph graph = new OpenGraph(PseudoLabelHead.detach(model));
        assertThat(operators(graph.close())).containsKey("BatchNormalization");

        BatchNormalisationFolding.fold(graph);

        ModelProto folded = PseudoLabelHead.attach(graph.close());
        assertThat(operators(folded)).doesNotContainKey("BatchNormalization");
        assertThat(parity(model, folded).maxDifference()).isLessThan(1e-5);
    }

    @Test
    void keepsBatchNormalisation_whenSomethingElseReadsItsConvolution() {
        GraphBuilder graph = GraphBuilder.empty("two readers");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        String raw = graph.node("Conv", List.of("image", graph.weight("w", new float[9], 3, 3, 1, 1)));
        String normal = graph.node(
                "BatchNormalization",
                List.of(
                        raw,
                        graph.weight("gain", new float[3], 3),
                        graph.weight("shift", new float[3], 3),
                        graph.weight("mean", new float[3], 3),
                        graph.weight("variance", new float[3], 3)));
        graph.named("logits", "Add", List.of(raw, normal));
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        OpenGraph open = new OpenGraph(graph.build());

        BatchNormalisationFolding.fold(open);

        assertThat(operators(open.close())).containsEntry("BatchNormalization", 1);
    }

    @Test
    void runsIntegerConvolutions_whenOnnxRuntimeOptimisesTheInt8Form(@TempDir Path folder) throws Exception {
        for (String architecture : List.of("unet", "deeplabv3plus-mobilenetv2", "light")) {
            ModelProto model = released(architecture);
            ModelProto int8 = Int8Form.of(model, pictures(100, 4), Int8Form.Settings.usual());

            int convolutions = operators(model).getOrDefault("Conv", 0);
            assertThat(Int8Form.integerConvolutions(int8)).isEqualTo(convolutions - 1); // all but the classifier
            Map<String, Integer> optimised = optimised(int8, folder.resolve("optimised.onnx"));
            assertThat(optimised)
                    .as(architecture)
                    .containsEntry("QLinearConv", convolutions - 1)
                    .doesNotContainKey("Relu");
            assertThat(optimised.getOrDefault("QuantizeLinear", 0)).isLessThanOrEqualTo(4);
            assertThat(int8.getSerializedSize()).isLessThan(model.getSerializedSize());
        }
    }

    @Test
    void staysNearFloat32_inBothForms() throws Exception {
        ModelProto model = released("unet");

        Parity half = parity(model, Float16Form.of(model));
        Parity int8 = parity(model, Int8Form.of(model, pictures(100, 8), Int8Form.Settings.usual()));

        assertThat(half.images()).isEqualTo(4);
        assertThat(half.sameClass()).isGreaterThan(0.99);
        assertThat(half.maxDifference()).isLessThan(0.02);
        assertThat(int8.sameClass()).isGreaterThan(0.9);
        assertThat(int8.meanDifference()).isLessThan(0.02);
    }

    @Test
    void carriesTheMetadataAndTheHeadOver() throws Exception {
        ModelProto model = released("light");
        ModelMetadata warm = ModelMetadata.read(model).withTemperature(1.7);
        ModelProto trainable = warm.writeTo(PseudoLabelHead.detach(model));
        ModelProto deployed = PseudoLabelHead.attach(trainable);

        for (ModelProto form :
                List.of(Float16Form.of(deployed), Int8Form.of(deployed, pictures(0, 2), Int8Form.Settings.usual()))) {
            ModelProto read = ModelFile.parse(form.toByteArray(), "form");
            assertThat(ModelMetadata.read(read)).isEqualTo(warm);
            assertThat(PseudoLabelHead.isAttached(read)).isTrue();
            assertThat(head(read)).isEqualTo(head(deployed));
            ModelMetadata renamed = warm.named("main", "other");
            assertThat(ModelForm.of(renamed.writeTo(read))).isEqualTo(ModelForm.of(form));
            assertThatThrownBy(() -> Float16Form.of(read)).hasMessageContaining("made from the float32 file");
        }
        assertThat(ModelForm.of(deployed)).isEqualTo(ModelForm.FLOAT32);
        assertThat(ModelForm.INT8.beside(Path.of("a/model.onnx"))).isEqualTo(Path.of("a/model.int8.onnx"));
    }

    @Test
    void keepsFloat32_whereAConstantIsBeyondFloat16() throws Exception {
        GraphBuilder graph = GraphBuilder.empty("large");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        String bound = graph.weight("large", new float[] {1e6f});
        String clipped = graph.node("Clip", List.of("image", graph.weight("low", new float[] {-1e6f}), bound));
        String weight = graph.weight("weight", new float[] {8, -4, -4, 0, 0, 0}, 2, 3, 1, 1);
        graph.named("logits", "Conv", List.of(clipped, weight), Attributes.ints("kernel_shape", 1, 1));
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", "2", "H", "W");
        ModelProto model = PseudoLabelHead.attach(ModelMetadata.starting(
                        "main",
                        "large",
                        io.maskstream.segmentation.mask.ClassList.of(List.of("a", "b")),
                        ModelInput.fixed(HEIGHT, WIDTH))
                .writeTo(graph.build()));

        ModelProto half = Float16Form.of(model);

        TensorProto kept = half.getGraph().getInitializerList().stream()
                .filter(constant -> constant.getName().equals("large"))
                .findFirst()
                .orElseThrow();
        assertThat(kept.getDataType()).isEqualTo(TensorProto.DataType.FLOAT_VALUE);
        assertThat(half.getGraph().getInitializerList().stream()
                        .filter(constant -> constant.getDataType() == TensorProto.DataType.FLOAT16_VALUE)
                        .count())
                .isEqualTo(1);
        assertThat(parity(model, half).sameClass()).isGreaterThan(0.98);
    }

    @Test
    void saysWhatIsMissing_whenThereIsNothingToQuantise() throws Exception {
        GraphBuilder graph = GraphBuilder.empty("no convolution");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        graph.named("logits", "Neg", List.of("image"));
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        ModelProto model = PseudoLabelHead.attach(ModelMetadata.starting(
                        "main",
                        "none",
                        io.maskstream.segmentation.mask.ClassList.of(List.of("a", "b", "c")),
                        ModelInput.fixed(HEIGHT, WIDTH))
                .writeTo(graph.build()));

        assertThatThrownBy(() -> Int8Form.of(model, pictures(0, 1), Int8Form.Settings.usual()))
                .hasMessageContaining("no convolution of constant weights");
        assertThatThrownBy(() -> Int8Form.of(model, List.of(), Int8Form.Settings.usual()))
                .hasMessageContaining("at least one calibration image");
    }

    private static ModelProto released(String architecture) throws Exception {
        ModelProto start = StartingModels.named(architecture).build(StreetScenes.classes(), HEIGHT, WIDTH, 5);
        ModelProto.Builder drawn = start.toBuilder();
        Random random = new Random(11);
        for (TensorProto.Builder weight : drawn.getGraphBuilder().getInitializerBuilderList()) {
            boolean positive =
                    weight.getName().endsWith(".variance") || weight.getName().endsWith("norm.weight");
            if (positive
                    || weight.getName().endsWith(".mean")
                    || weight.getName().endsWith(".bias")) {
                float[] values = new float[(int) weight.getDims(0)];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) (positive ? 0.5 + random.nextDouble() : 0.3 * random.nextGaussian());
                }
                weight.setRawData(
                        TensorValues.ofFloats("", values, values.length).getRawData());
            }
        }
        return PseudoLabelHead.attach(drawn.build());
    }

    private static List<RgbImage> pictures(int from, int count) {
        List<RgbImage> pictures = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            pictures.add(SCENES.scene(i).image());
        }
        return pictures;
    }

    private static Parity parity(ModelProto model, ModelProto form) throws Exception {
        try (InferenceModel reference = InferenceModel.of(model, Device.CPU, 1);
                InferenceModel other = InferenceModel.of(form, Device.CPU, 1)) {
            return Parity.of(reference, other, pictures(0, 4));
        }
    }

    private static Map<String, Integer> operators(ModelProto model) {
        Map<String, Integer> counts = new TreeMap<>();
        for (NodeProto node : model.getGraph().getNodeList()) {
            counts.merge(node.getOpType(), 1, Integer::sum);
        }
        return counts;
    }

    private static List<NodeProto> head(ModelProto model) {
        return model.getGraph().getNodeList().stream()
                .filter(node -> node.getOutput(0).startsWith("head/"))
                .toList();
    }

    private static Map<String, Integer> optimised(ModelProto model, Path file) throws Exception {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizedModelFilePath(file.toString());
            OrtEnvironment.getEnvironment()
                    .createSession(model.toByteArray(), options)
                    .close();
        }
        return operators(ModelProto.parseFrom(Files.readAllBytes(file)));
    }
}
