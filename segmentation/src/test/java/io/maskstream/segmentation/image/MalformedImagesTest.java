package io.maskstream.segmentation.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.segmentation.image.MalformedImages.Malformed;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedImagesTest {
    private final ImageDecoder decoder = new ImageDecoder(MalformedImages.LIMITS);

    static Stream<Malformed> corpus() {
        return MalformedImages.all().stream();
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void saysWhatIsWrong_forEachOfTheCorpus(Malformed malformed) {
        assertThatThrownBy(() -> decoder.decode(malformed.bytes().toArray()))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining(malformed.message());
    }

    @Test
    void isTheSameCorpus_whenMadeAgain() {
        assertThat(MalformedImages.all()).hasSizeGreaterThanOrEqualTo(40).isEqualTo(MalformedImages.all());
    }

    @Test
    void failsOnlyAsStated_whenAnyByteOfASoundFileIsChanged() {
        SplittableRandom random = new SplittableRandom(3);
        List<String> names = List.of(
                "colour.jpg",
                "progressive.jpg",
                "cmyk.jpg",
                "colour.png",
                "palette-4-bit.png",
                "lossy.webp",
                "lossless.webp",
                "alpha.webp",
                "lzw.tif",
                "bilevel.tif",
                "palette.tif",
                "colour.bmp",
                "palette.bmp");
        for (String name : names) {
            byte[] sound = MalformedImages.resource(name);
            for (int attempt = 0; attempt < 300; attempt++) {
                byte[] damaged = attempt % 3 == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
                for (int i = 0; i <= attempt % 4 && damaged.length > 0; i++) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                }
                decodeOrRefuse(name, damaged);
            }
        }
    }

    /** Damage to pixels alone may go unseen; what may not happen is any failure but the stated one. */
    private void decodeOrRefuse(String name, byte[] damaged) {
        try {
            RgbImage image = decoder.decode(damaged);
            assertThat((long) image.width() * image.height()).isLessThanOrEqualTo(MalformedImages.LIMITS.maxPixels());
        } catch (ImageFormatException e) {
            assertThat(e).as(name).message().isNotBlank();
        }
    }
}
