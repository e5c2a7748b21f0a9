package io.maskstream.segmentation.model.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.ModelOutput;
import io.maskstream.segmentation.model.PseudoLabelHead;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StartingModelsTest {
    private static final ClassList CLASSES = ClassList.of(List.of("sky", "road", "car", "tree", "person"));

    @ParameterizedTest
    @CsvSource({
        "unet-small, 60000, 75000",
        "unet, 200000, 300000",
        "unet-large, 4000000, 5000000",
        "deeplabv3plus-mobilenetv2, 400000, 1000000",
        "fast-scnn, 1000000, 1300000",
        "light, 50000, 200000",
        "segformer-b0, 3500000, 3900000"
    })
    void hasTheWeightsItClaims(String name, long least, long most) {
        ModelProto model = StartingModels.named(name).build(CLASSES, 120, 160, 1);
        long weights = model.getGraph().getInitializerList().stream()
                .filter(weight -> weight.getDataType() == TensorProto.DataType.FLOAT_VALUE)
                .mapToLong(weight -> weight.getRawData().size() / 4)
                .sum();
        assertThat(weights).isBetween(least, most);
    }

    @ParameterizedTest
    @MethodSource("names")
    void runsAtAnySize_whenThePolicyKeepsSizes(String name) throws Exception {
        ModelProto model = StartingModels.named(name).build(CLASSES, 120, 160, 1);
        ModelMetadata metadata = ModelMetadata.read(model);
        ModelInput anySize = new ModelInput(
                120,
                160,
                ModelInput.SizePolicy.STRIDE,
                1,
                metadata.input().mean(),
                metadata.input().std());
        try (InferenceModel inference =
                InferenceModel.of(metadata.withInput(anySize).writeTo(model), Device.CPU, 1)) {
            List<ModelOutput> outputs = inference.run(List.of(noise(120, 160), noise(97, 131), noise(97, 131)));
            assertThat(outputs.get(0).mask().height()).isEqualTo(120);
            assertThat(outputs.get(1).mask().width()).isEqualTo(131);
            assertThat(outputs.get(2).mask()).isEqualTo(outputs.get(1).mask());
            assertThat(outputs.get(0).scores().keySet()).containsExactlyInAnyOrderElementsOf(PseudoLabelHead.SCORES);
        }
    }

    @Test
    void isTheSame_whenTheSeedIsTheSame() {
        StartingModel unet = StartingModels.named("unet");
        assertThat(unet.build(CLASSES, 64, 64, 7)).isEqualTo(unet.build(CLASSES, 64, 64, 7));
        assertThat(unet.build(CLASSES, 64, 64, 8)).isNotEqualTo(unet.build(CLASSES, 64, 64, 7));
    }

    @Test
    void namesWhatThereIs_whenTheNameIsUnknown() {
        assertThatThrownBy(() -> StartingModels.named("resnet"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'resnet'")
                .hasMessageContaining(
                        "unet-small, unet, unet-large, deeplabv3plus-mobilenetv2, fast-scnn, light, segformer-b0");
    }

    @Test
    void saysTheLeastSize_whenThePictureIsTooSmall() {
        assertThatThrownBy(() -> StartingModels.named("segformer-b0").build(CLASSES, 24, 64, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 32")
                .hasMessageContaining("24x64");
    }

    private static List<String> names() {
        return StartingModels.all().stream().map(StartingModel::name).toList();
    }

    private static RgbImage noise(int height, int width) {
        byte[] pixels = new byte[3 * height * width];
        new Random(5).nextBytes(pixels);
        return new RgbImage(height, width, Bytes.wrap(pixels));
    }
}
