package io.maskstream.dashboard;

import static io.maskstream.dashboard.LoopEvents.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.schemas.event.Prediction;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.store.FileContentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
    private static final int[] MIDDLE = {24, 32};
    private static final int[] CORNER = {2, 2};

    @TempDir
    private Path directory;

    private final PictureCache cache = new PictureCache(1 << 20);
    private FileContentStore store;
    private Pictures pictures;

    @BeforeEach
    void open() throws IOException {
        store = new FileContentStore(directory);
        pictures = new Pictures(cache, store, 64);
    }

    @Test
    void drawsSmall_withTheMaskOnTheDiscOnly() throws IOException {
        cache.put(LoopEvents.prediction("a", "v1", 1, NOON));
        RgbImage plain = draw("a", Pictures.Kind.THUMBNAIL);
        RgbImage masked = draw("a", Pictures.Kind.OVERLAY);
        assertThat(plain.width()).isEqualTo(64);
        assertThat(plain.height()).isEqualTo(48);
        assertThat(difference(plain, masked, MIDDLE)).isGreaterThan(100);
        assertThat(difference(plain, masked, CORNER)).isLessThan(30); // JPEG moves colours a little
    }

    @Test
    void glowsWhereTheModelIsUnsure() throws IOException {
        cache.put(LoopEvents.prediction("a", "v1", 1, NOON));
        RgbImage heat = draw("a", Pictures.Kind.HEAT);
        assertThat(brightness(heat, CORNER)).isGreaterThan(brightness(heat, MIDDLE) + 40);
    }

    @Test
    void readsTheImageFromTheStore_whenItDidNotTravelInline() throws IOException {
        byte[] png = LoopEvents.discPng();
        cache.put(LoopEvents.prediction(
                "a", "v1", 1, NOON, LoopEvents.content(png, null, store.put(png)), new byte[] {1, 2, 3}));
        assertThat(draw("a", Pictures.Kind.THUMBNAIL).width()).isEqualTo(64);
    }

    @Test
    void returnsNothing_whenThePredictionIsNoLongerKept() throws IOException {
        assertThat(pictures.draw("unknown", Pictures.Kind.HEAT)).isNull();
    }

    @Test
    void refusesAMaskThatIsNoPng_sayingSo() {
        byte[] png = LoopEvents.discPng();
        cache.put(LoopEvents.prediction(
                "a", "v1", 1, NOON, LoopEvents.content(png, ByteBuffer.wrap(png), null), new byte[] {1, 2, 3}));
        assertThatThrownBy(() -> pictures.draw("a", Pictures.Kind.OVERLAY)).isInstanceOf(IOException.class);
    }

    @Test
    void forgetsTheOldestPicture_whenTheCacheIsFull() {
        Prediction one = LoopEvents.prediction("i0", "v1", 1, NOON);
        PictureCache probe = new PictureCache(1 << 20);
        probe.put(one);
        PictureCache small = new PictureCache(probe.held() * 3);
        for (int i = 0; i < 10; i++) {
            small.put(LoopEvents.prediction("i" + i, "v1", 1, NOON));
        }
        small.put(LoopEvents.prediction("i9", "v2", 2, NOON));
        assertThat(small.held()).isEqualTo(probe.held() * 3);
        assertThat(small.get("i6")).isNull();
        assertThat(small.get("i7")).isNotNull();
        assertThat(small.get("i9"))
                .satisfies(kept -> assertThat(kept.modelVersion()).isEqualTo("v2"));
    }

    private RgbImage draw(String id, Pictures.Kind kind) throws IOException {
        byte[] jpeg = Objects.requireNonNull(pictures.draw(id, kind));
        return new ImageDecoder(ImageLimits.defaults()).decode(jpeg);
    }

    private static int at(RgbImage image, int[] place, int channel) {
        return image.pixels().at(3 * (place[0] * image.width() + place[1]) + channel);
    }

    private static int brightness(RgbImage image, int[] place) {
        return (at(image, place, 0) + at(image, place, 1) + at(image, place, 2)) / 3;
    }

    private static int difference(RgbImage one, RgbImage other, int[] place) {
        int sum = 0;
        for (int channel = 0; channel < 3; channel++) {
            sum += Math.abs(at(one, place, channel) - at(other, place, channel));
        }
        return sum;
    }
}
