package io.maskstream.segmentation.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
    private final ImageDecoder decoder = new ImageDecoder(ImageLimits.DEFAULT);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "colour.png", "grey.png", "palette.png", "palette-4-bit.png", "palette-2-bit.png", "bilevel.png",
                "grey-16-bit.png", "alpha.png", "grey-alpha.png", "palette-alpha.png", "lossless.webp", "alpha.webp",
                "lzw.tif", "plain.tif", "deflate-grey.tif", "palette.tif", "bilevel.tif", "grey-16-bit.tif",
                "colour.bmp", "palette.bmp", "bilevel.bmp", "orientation.png", "orientation.webp", "orientation.tif"
            })
    void givesTheBytesOfPillow_whenTheFormatLosesNothing(String name) throws IOException {
        RgbImage found = decoder.decode(MalformedImages.resource(name));

        assertThat(found).isEqualTo(expected(name));
    }

    @ParameterizedTest
    @CsvSource({
        // The two use different JPEG libraries: rounding differs by 1 or 2, at colour edges with thinned chroma by
        // more.
        "colour.jpg, 12",
        "progressive.jpg, 12",
        "full-chroma.jpg, 3",
        "grey.jpg, 2",
        "cmyk.jpg, 6",
        "lossy.webp, 40",
        "cmyk.tif, 2",
        "orientation-1.jpg, 3",
        "orientation-2.jpg, 3",
        "orientation-3.jpg, 3",
        "orientation-4.jpg, 3",
        "orientation-5.jpg, 3",
        "orientation-6.jpg, 3",
        "orientation-7.jpg, 3",
        "orientation-8.jpg, 3"
    })
    void comesCloseToPillow_whenTheFormatRounds(String name, int tolerance) throws IOException {
        RgbImage found = decoder.decode(MalformedImages.resource(name));
        RgbImage expected = expected(name);

        assertThat(found.width()).isEqualTo(expected.width());
        assertThat(found.height()).isEqualTo(expected.height());
        int worst = 0;
        long sum = 0;
        for (int i = 0; i < expected.pixels().length(); i++) {
            int difference = Math.abs(found.pixels().at(i) - expected.pixels().at(i));
            worst = Math.max(worst, difference);
            sum += difference;
        }
        assertThat(worst).isLessThanOrEqualTo(tolerance);
        assertThat((double) sum / expected.pixels().length()).isLessThan(Math.max(2, tolerance / 10.0));
    }

    @ParameterizedTest
    @CsvSource({
        "colour.jpg, image/jpeg, 26, 18, 1",
        "orientation-6.jpg, image/jpeg, 18, 26, 6",
        "orientation-3.jpg, image/jpeg, 26, 18, 3",
        "orientation.png, image/png, 18, 26, 6",
        "orientation.webp, image/webp, 18, 26, 6",
        "orientation.tif, image/tiff, 18, 26, 6",
        "alpha.webp, image/webp, 26, 18, 1",
        "lossy.webp, image/webp, 26, 18, 1",
        "palette.bmp, image/bmp, 26, 18, 1"
    })
    void inspectsTypeAndUprightSize_withoutDecoding(
            String name, String mediaType, int width, int height, int orientation) throws IOException {
        assertThat(decoder.inspect(MalformedImages.resource(name)))
                .isEqualTo(new ImageHeader(mediaType, width, height, orientation));
    }

    @Test
    void refusesBeforeDecoding_whenAPictureIsLargerThanTheLimit() {
        ImageDecoder strict = new ImageDecoder(new ImageLimits(1 << 20, 26 * 18 - 1));

        assertThatThrownBy(() -> strict.inspect(MalformedImages.resource("colour.jpg")))
                .isInstanceOf(ImageFormatException.class)
                .hasMessage(
                        "the JPEG has 26x18 px, at most 467 pixels are accepted: make it smaller or raise the limit");
    }

    @Test
    void recognisesFirstBytes_whateverTheName() {
        assertThat(ImageDecoder.isPicture(MalformedImages.resource("lossy.webp")))
                .isTrue();
        assertThat(ImageDecoder.isPicture("a text, long enough to be one".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
    }

    @Test
    void decodesTheSame_whenManyThreadsShareIt() throws Exception {
        byte[] jpeg = MalformedImages.resource("colour.jpg");
        byte[] webp = MalformedImages.resource("lossless.webp");
        RgbImage one = decoder.decode(jpeg);
        RgbImage other = decoder.decode(webp);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                calls.add(() ->
                        decoder.decode(jpeg).equals(one) && decoder.decode(webp).equals(other));
            }
            for (Future<Boolean> call : threads.invokeAll(calls)) {
                assertThat(call.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void survivesTheWayThroughTheEncoder() throws IOException {
        RgbImage image = expected("colour.jpg");

        assertThat(decoder.decode(ImageEncoder.png(image))).isEqualTo(image);
        assertThat(decoder.inspect(ImageEncoder.jpeg(image))).isEqualTo(new ImageHeader("image/jpeg", 26, 18, 1));
    }

    private RgbImage expected(String name) throws IOException {
        return decoder.decode(MalformedImages.resource(name + ".expected.png"));
    }
}
