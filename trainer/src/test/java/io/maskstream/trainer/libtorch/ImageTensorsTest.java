package io.maskstream.trainer.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ModelInput;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class ImageTensorsTest {
    private static final RgbImage PICTURE =
            new RgbImage(1, 2, Bytes.wrap(new byte[] {0, 51, 102, (byte) 255, (byte) 204, (byte) 153}));

    @Test
    void putsChannelsFirst_whenAPictureBecomesATensor() {
        try (PointerScope scope = new PointerScope()) {
            Tensor pixels = ImageTensors.pixels(List.of(PICTURE, PICTURE), Device.CPU);
            assertThat(pixels.size(0)).isEqualTo(2);
            assertThat(ImageTensors.toFloats(pixels)).startsWith(0, 255, 51, 204, 102, 153);
        }
    }

    @Test
    void normalisesByChannel() {
        ModelInput input =
                new ModelInput(8, 8, ModelInput.SizePolicy.FIXED, 1, List.of(0.5f, 0.2f, 0f), List.of(0.5f, 1f, 0.25f));
        try (PointerScope scope = new PointerScope()) {
            float[] values = ImageTensors.toFloats(ImageTensors.images(List.of(PICTURE), input, Device.CPU));
            float[] expected = {-1f, 1f, 0f, 0.6f, 1.6f, 2.4f};
            for (int i = 0; i < expected.length; i++) {
                assertThat(values[i]).isCloseTo(expected[i], within(1e-6f));
            }
        }
    }

    @Test
    void comesBackEqual_whenAMaskBecomesATensor() {
        Mask mask = new Mask(2, 2, Bytes.wrap(new byte[] {0, 3, (byte) 255, 7}));
        try (PointerScope scope = new PointerScope()) {
            Tensor classes = ImageTensors.masks(List.of(mask, mask), Device.CPU);
            assertThat(classes.select(0, 1).flatten().select(0, 2).item_long()).isEqualTo(Mask.IGNORE);
            assertThat(ImageTensors.toMasks(classes)).containsExactly(mask, mask);
        }
    }

    @Test
    void namesBothSizes_whenThePicturesOfABatchDiffer() {
        RgbImage other = new RgbImage(2, 1, PICTURE.pixels());
        assertThatThrownBy(() -> ImageTensors.pixels(List.of(PICTURE, other), Device.CPU))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected 1x2, found 2x1");
    }

    @Test
    void saysWhatIsThere_whenADeviceIsNot() {
        assertThatThrownBy(() -> Torch.choose(new Device(Device.Kind.CUDA, 63)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cuda:63")
                .hasMessageContaining("Use auto or cpu");
        assertThat(Torch.choose(Device.CPU)).isEqualTo(Device.CPU);
    }
}
