package io.maskstream.segmentation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.ModelInput.SizePolicy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InferenceModelTest {
    private static final float[][] RED_OR_NOT = {{0, 0, 0}, {8, -4, -4}};

    @Test
    void bringsTheAnswerBackToThePicturesOwnSize(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("toy.onnx");
        ModelFile.write(file, PseudoLabelHead.attach(ToyModels.mixtures(RED_OR_NOT, 1, SizePolicy.FIXED, 16, 24)));
        try (InferenceModel model = InferenceModel.open(file, Device.AUTO)) {
            assertThat(model.device().kind()).isNotEqualTo(Device.Kind.AUTO);
            List<ModelOutput> outputs =
                    model.run(List.of(leftHalfRed(32, 48), leftHalfRed(100, 60), leftHalfRed(16, 24)));
            assertThat(outputs).hasSize(3);
            assertLeftHalf(outputs.get(0), 32, 48);
            assertLeftHalf(outputs.get(1), 100, 60);
            assertLeftHalf(outputs.get(2), 16, 24);
            assertThat(outputs.get(2).confidence().at(0, 0)).isCloseTo(1 / (1 + Math.exp(-8)), within(0.003));
        }
    }

    private static void assertLeftHalf(ModelOutput output, int height, int width) {
        assertThat(output.mask().height()).isEqualTo(height);
        assertThat(output.mask().width()).isEqualTo(width);
        assertThat(output.confidence().width()).isEqualTo(width);
        assertThat(output.mask().at(height / 2, 0)).isEqualTo(1);
        assertThat(output.mask().at(height / 2, width - 1)).isZero();
        assertThat(output.mask().at(height / 2, width / 2 - 5)).isEqualTo(1);
        assertThat(output.mask().at(height / 2, width / 2 + 5)).isZero();
    }

    @Test
    void givesProbabilitiesThatSumToOne() throws Exception {
        ModelProto model = ToyModels.mixtures(RED_OR_NOT, 2, SizePolicy.FIXED, 16, 24);
        try (InferenceModel inference = InferenceModel.of(PseudoLabelHead.attach(model), Device.CPU, 1)) {
            float[] probabilities = inference.probabilities(leftHalfRed(16, 24));
            assertThat(probabilities).hasSize(2 * 16 * 24);
            assertThat((double) probabilities[16 * 24]).isCloseTo(1 / (1 + Math.exp(-4)), within(1e-5));
            assertThat(probabilities[0] + probabilities[16 * 24]).isCloseTo(1, within(1e-6f));
        }
    }

    @Test
    void refusesToOpen_whenTheWeightsAreNoNumbers() {
        ModelProto model =
                ToyModels.mixtures(new float[][] {{Float.NaN, 0, 0}, {0, 1, 0}}, 1, SizePolicy.FIXED, 16, 24);
        assertThatThrownBy(() -> InferenceModel.of(model, Device.CPU, 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("fails on a picture of 16x24");
    }

    @Test
    void saysWhatToDo_whenCudaIsAskedForAndDoesNotWork() {
        ModelProto model = ToyModels.mixtures(RED_OR_NOT, 1, SizePolicy.FIXED, 16, 24);
        assertThatThrownBy(() -> InferenceModel.of(model, Device.parse("cuda:63"), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cuda:63")
                .hasMessageContaining("auto or cpu");
    }

    @Test
    void keepsTheSizeUpToTheMultiple_whenThePolicyIsStride() {
        ModelInput input = new ModelInput(64, 64, SizePolicy.STRIDE, 16, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        assertThat(input.heightFor(100, 37)).isEqualTo(96);
        assertThat(input.widthFor(100, 37)).isEqualTo(32);
        assertThat(input.heightFor(3, 3)).isEqualTo(16);
        assertThat(input.widthFor(100, 20_000)).isEqualTo(ModelInput.MAX_SIDE);
    }

    @Test
    void readsDevices() {
        assertThat(Device.parse(" CUDA:1")).isEqualTo(new Device(Device.Kind.CUDA, 1));
        assertThat(Device.parse("auto")).isEqualTo(Device.AUTO);
        assertThat(Device.parse("cpu")).hasToString("cpu");
        assertThatThrownBy(() -> Device.parse("gpu")).hasMessageContaining("auto, cpu, cuda or cuda:N");
        assertThatThrownBy(() -> Device.parse("cpu:1")).isInstanceOf(IllegalArgumentException.class);
    }

    private static RgbImage leftHalfRed(int height, int width) {
        byte[] pixels = new byte[3 * height * width];
        for (int i = 0; i < height * width; i++) {
            pixels[3 * i] = (byte) (i % width < width / 2 ? 255 : 0);
        }
        return new RgbImage(height, width, Bytes.wrap(pixels));
    }
}
