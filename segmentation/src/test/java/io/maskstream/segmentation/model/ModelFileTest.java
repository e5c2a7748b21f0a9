package io.maskstream.segmentation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.model.ModelInput.SizePolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
    private static final ModelProto GOOD =
            ToyModels.mixtures(new float[][] {{1, 0, 0}, {0, 1, 0}}, 1.5, SizePolicy.FIXED, 16, 24);

    @TempDir
    Path folder;

    @Test
    void comesBackEqual_whenWrittenAndRead() throws IOException {
        Path file = folder.resolve("model.onnx");
        ModelFile.write(file, GOOD);
        ModelFile.write(file, GOOD);
        assertThat(ModelFile.read(file)).isEqualTo(GOOD);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void keepsEveryFieldOfTheMetadata_whenWrittenAndRead() throws IOException {
        ModelMetadata metadata = ModelMetadata.read(GOOD)
                .named("street", "street-7")
                .learned("street-8", 3, "fixmatch", "ab12", Map.of("miou", 0.5, "loss", 0.25))
                .withFrozen(List.of("backbone.*", "head/norm?"));
        ModelProto foreign = GOOD.toBuilder()
                .addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey("author").setValue("someone"))
                .build();
        ModelProto written = metadata.writeTo(foreign);
        assertThat(ModelMetadata.read(written)).isEqualTo(metadata);
        assertThat(written.getMetadataPropsList())
                .filteredOn(entry -> entry.getKey().equals("author"))
                .hasSize(1);
    }

    @Test
    void refuses_whenTheFileIsTooLarge() throws IOException {
        Path file = Files.write(folder.resolve("big.onnx"), new byte[2000]);
        assertThatThrownBy(() -> ModelFile.read(file, 1999))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("big.onnx has 2000 bytes, more than the 1999 allowed");
    }

    @Test
    void refuses_whenTheBytesAreNoModel() {
        byte[] good = GOOD.toByteArray();
        byte[] noise = new byte[500];
        new Random(1).nextBytes(noise);
        assertRefused(noise, "not an ONNX model");
        assertRefused(new byte[0], "it has no graph");
        assertRefused(Arrays.copyOf(good, good.length / 2), "not an ONNX model");
        assertRefused("<html>Not found</html>".getBytes(StandardCharsets.UTF_8), "not an ONNX model");
    }

    @Test
    void refuses_whenTheOperatorSetIsTooOldOrTooNewOrMissing() {
        assertRefused(model -> model.getOpsetImportBuilder(0).setVersion(9), "operator set 9; expected 11 to");
        assertRefused(model -> model.getOpsetImportBuilder(0).setVersion(99), "operator set 99");
        assertRefused(ModelProto.Builder::clearOpsetImport, "operator set 0");
    }

    @Test
    void refuses_whenWeightsLieInOtherFiles() {
        assertRefused(
                model -> weight(model)
                        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                        .addExternalData(StringStringEntryProto.newBuilder()
                                .setKey("location")
                                .setValue("../../../etc/passwd")),
                "keeps the weight 'mixture' in another file");
    }

    @Test
    void refuses_whenAnOperatorIsNotOfTheStandard() {
        assertRefused(model -> graph(model).getNodeBuilder(0).setDomain("com.example"), "operator com.example.Conv");
    }

    @Test
    void refuses_whenTheGraphDoesNotHangTogether() {
        assertRefused(model -> graph(model).getNodeBuilder(0).setInput(1, "nothing"), "reads 'nothing'");
        assertRefused(model -> graph(model).addNode(graph(model).getNode(0)), "more than one node");
        assertRefused(model -> graph(model).getOutputBuilder(0).setName("scores"), "'scores' is given by no node");
        assertRefused(model -> graph(model).clearOutput(), "no outputs");
        assertRefused(model -> graph(model).clearNode(), "no graph");
    }

    @Test
    void refuses_whenTheInputIsNoPicture() {
        assertRefused(
                model -> graph(model)
                        .addInput(graph(model).getInput(0).toBuilder().setName("second")),
                "has the inputs [image, second]");
        assertRefused(
                model -> graph(model)
                        .getInputBuilder(0)
                        .getTypeBuilder()
                        .getTensorTypeBuilder()
                        .setElemType(TensorProto.DataType.INT64_VALUE),
                "must be float32 [N, 3, H, W]");
    }

    @Test
    void namesTheKey_whenMetadataIsMissingOrWrong() {
        assertNoMetadata("temperature", null, "maskstream.temperature");
        assertNoMetadata("temperature", "-1", "above 0");
        assertNoMetadata("classes", "[\"sky\"", "maskstream.classes");
        assertNoMetadata("classes", "[\"sky\"]", "1 classes cannot have 2 colours");
        assertNoMetadata("input.height", "4000000", "4000000");
        assertNoMetadata("input.std", "[1,1,0]", "std above 0");
        assertNoMetadata("round", "one", "one");
        assertNoMetadata("figures", "null", "maskstream.figures");
    }

    @Test
    void refusesToOpen_whenThereAreNoScoresOrTheWeightsDoNotFit() {
        ModelProto.Builder renamed = GOOD.toBuilder();
        graph(renamed).getNodeBuilder(0).setOutput(0, "scores");
        graph(renamed).getOutputBuilder(0).setName("scores");
        assertThatThrownBy(() -> InferenceModel.of(renamed.build(), Device.CPU, 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("[scores]; expected an output 'logits'");
        ModelProto.Builder misshapen = GOOD.toBuilder();
        weight(misshapen).setDims(0, 9);
        assertThatThrownBy(() -> InferenceModel.of(misshapen.build(), Device.CPU, 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("ONNX Runtime refuses the model");
    }

    @Test
    void refusesToOpen_whenScoresAndClassesDiffer() {
        ModelMetadata metadata = ToyModels.metadata(4, 1, SizePolicy.FIXED, 16, 24);
        assertThatThrownBy(() -> InferenceModel.of(metadata.writeTo(GOOD), Device.CPU, 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("gives 2 scores a pixel, its metadata names 4 classes");
    }

    private static void assertNoMetadata(String key, @Nullable String value, String message) {
        ModelProto.Builder model = GOOD.toBuilder().clearMetadataProps();
        for (StringStringEntryProto entry : GOOD.getMetadataPropsList()) {
            if (!entry.getKey().equals("maskstream." + key)) {
                model.addMetadataProps(entry);
            } else if (value != null) {
                model.addMetadataProps(entry.toBuilder().setValue(value));
            }
        }
        assertThatThrownBy(() -> ModelMetadata.read(model.build()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(message);
    }

    private static void assertRefused(Consumer<ModelProto.Builder> damage, String message) {
        ModelProto.Builder model = GOOD.toBuilder();
        damage.accept(model);
        assertRefused(model.build().toByteArray(), message);
    }

    private static void assertRefused(byte[] bytes, String message) {
        assertThatThrownBy(() -> ModelFile.parse(bytes, "m.onnx"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("m.onnx")
                .hasMessageContaining(message);
    }

    private static GraphProto.Builder graph(ModelProto.Builder model) {
        return model.getGraphBuilder();
    }

    private static TensorProto.Builder weight(ModelProto.Builder model) {
        return graph(model).getInitializerBuilder(0);
    }
}
