package io.maskstream.segmentation.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.image.MalformedImages;
import io.maskstream.segmentation.image.MalformedImages.Malformed;
import io.maskstream.segmentation.image.RgbImage;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GreyPngTest {
    private static final long LIMIT = 1_000_000;

    static Stream<Malformed> malformed() {
        return MalformedImages.all().stream();
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesEveryMalformedPicture_asAMaskToo(Malformed malformed) {
        assertThatThrownBy(() -> GreyPng.mask(malformed.bytes().toArray(), LIMIT))
                .isInstanceOf(MaskFormatException.class)
                .hasMessageContaining("mask");
    }

    @Test
    void writesGreysThatOtherReadersSee() throws IOException {
        Mask mask = new Mask(2, 3, Bytes.wrap(new byte[] {0, 1, 2, 3, (byte) 200, (byte) 255}));
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(GreyPng.encode(mask)));

        assertThat(read.getType()).isEqualTo(BufferedImage.TYPE_BYTE_GRAY);
        assertThat(read.getRaster().getPixels(0, 0, 3, 2, (int[]) null)).containsExactly(0, 1, 2, 3, 200, 255);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void readsPaletteIndices_notTheirColours(int bits) throws IOException {
        int colours = 1 << bits;
        byte[] reds = new byte[colours];
        byte[] others = new byte[colours];
        Arrays.fill(reds, (byte) 128);
        for (int i = 0; i < colours; i++) {
            others[i] = (byte) (255 - i);
        }
        IndexColorModel palette = new IndexColorModel(bits, colours, reds, others, others);
        BufferedImage image = new BufferedImage(
                7, 3, bits == 8 ? BufferedImage.TYPE_BYTE_INDEXED : BufferedImage.TYPE_BYTE_BINARY, palette);
        for (int i = 0; i < 21; i++) {
            image.getRaster().setSample(i % 7, i / 7, 0, i * 5 % colours);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);

        Mask mask = GreyPng.mask(out.toByteArray(), LIMIT);
        for (int i = 0; i < 21; i++) {
            assertThat(mask.classes().at(i)).isEqualTo(i * 5 % colours);
        }
    }

    @Test
    void refusesColours_becauseTheyAreNoClassIds() {
        RgbImage rgb = new RgbImage(1, 1, Bytes.wrap(new byte[] {1, 2, 3}));

        assertThatThrownBy(() -> GreyPng.mask(ImageEncoder.png(rgb), LIMIT))
                .isInstanceOf(MaskFormatException.class)
                .hasMessage("a mask has one sample of at most 8 bits a pixel, found 8-bit RGB;"
                        + " write class ids as grey or palette indices");
        assertThatThrownBy(() -> GreyPng.confidence(ImageEncoder.png(rgb), LIMIT))
                .isInstanceOf(MaskFormatException.class);
    }

    @Test
    void refusesMoreThanTheLimit_beforeItDecodes() {
        byte[] png = GreyPng.encode(new Mask(10, 10, Bytes.wrap(new byte[100])));

        assertThatThrownBy(() -> GreyPng.mask(png, 99))
                .hasMessage("the mask cannot be read: the PNG has 10x10 = 100 pixels, at most 99 are accepted");
    }
}
