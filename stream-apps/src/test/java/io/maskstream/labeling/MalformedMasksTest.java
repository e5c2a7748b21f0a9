package io.maskstream.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.schemas.event.ImageContent;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.mask.MaskFormatException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedMasksTest {
    private static final int HEIGHT = 12;
    private static final int WIDTH = 20;
    private static final long MOST_PIXELS = 1_000_000;
    private static final ImageContent IMAGE =
            LabelTasks.task("img", 1, HEIGHT, WIDTH).getContent();

    static Stream<Arguments> masks() throws IOException {
        byte[] good = GreyPng.encode(LabelTasks.prefill(HEIGHT, WIDTH));
        return Stream.of(
                Arguments.of("nothing", new byte[0], "0 bytes"),
                Arguments.of("text", "road".getBytes(StandardCharsets.UTF_8), "no PNG"),
                Arguments.of("a JPEG", ImageEncoder.jpeg(LabelTasks.picture(HEIGHT, WIDTH)), "no PNG"),
                Arguments.of("colour", ImageEncoder.png(LabelTasks.picture(HEIGHT, WIDTH)), "grey"),
                Arguments.of("16 bits", png(BufferedImage.TYPE_USHORT_GRAY), "16"),
                Arguments.of("alpha", png(BufferedImage.TYPE_INT_ARGB), "grey"),
                Arguments.of("cut in the middle", Arrays.copyOf(good, good.length / 2), ""),
                Arguments.of("cut before the end", Arrays.copyOf(good, good.length - 14), ""),
                Arguments.of("a flipped bit", flipped(good, good.length - 20), ""),
                Arguments.of("only a signature", Arrays.copyOf(good, 8), ""),
                Arguments.of("a header that promises too much", resized(good, 60_000, 60_000), "3600000000"),
                Arguments.of("a header of no width", resized(good, 0, HEIGHT), ""),
                Arguments.of("a header that promises more rows", resized(good, WIDTH, HEIGHT + 1), ""),
                Arguments.of("turned", filled(WIDTH, HEIGHT, 0), "the mask is 12x20 px, the image 20x12"),
                Arguments.of("one row short", filled(HEIGHT - 1, WIDTH, 0), "the mask is 20x11 px"),
                Arguments.of("the first class too many", filled(HEIGHT, WIDTH, 4), "class 4 at row 0, column 0"),
                Arguments.of("class 254", filled(HEIGHT, WIDTH, 254), "class 254"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("masks")
    void saysWhatIsWrong(String name, byte[] png, String expected) {
        assertThatThrownBy(() -> MaskCheck.read(png, IMAGE, LabelTasks.CLASSES, MOST_PIXELS))
                .isInstanceOf(MaskFormatException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining("mask");
    }

    @Test
    void takesAMask_whenItFitsTheImage() throws MaskFormatException {
        byte[] ignored = filled(HEIGHT, WIDTH, Mask.IGNORE);
        assertThat(MaskCheck.read(ignored, IMAGE, LabelTasks.CLASSES, MOST_PIXELS)
                        .at(0, 0))
                .isEqualTo(Mask.IGNORE);
        byte[] last = filled(HEIGHT, WIDTH, 3);
        assertThat(MaskCheck.read(last, IMAGE, LabelTasks.CLASSES, MOST_PIXELS).at(11, 19))
                .isEqualTo(3);
    }

    private static byte[] filled(int height, int width, int id) {
        byte[] classes = new byte[height * width];
        Arrays.fill(classes, (byte) id);
        return GreyPng.encode(new Mask(height, width, Bytes.wrap(classes)));
    }

    private static byte[] png(int type) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(WIDTH, HEIGHT, type), "png", out);
        return out.toByteArray();
    }

    private static byte[] flipped(byte[] png, int at) {
        byte[] copy = png.clone();
        copy[at] ^= 4;
        return copy;
    }

    /** Changes the size in the header, with a checksum that fits. */
    private static byte[] resized(byte[] png, int width, int height) {
        byte[] copy = png.clone();
        ByteBuffer buffer = ByteBuffer.wrap(copy);
        buffer.putInt(16, width).putInt(20, height);
        CRC32 sum = new CRC32();
        sum.update(copy, 12, 17);
        buffer.putInt(29, (int) sum.getValue());
        return copy;
    }
}
