package io.maskstream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleCacheTest {
    private static final String KEY = "00112233445566778899aabbccddeeff";
    private static final String OTHER = "ffeeddccbbaa99887766554433221100";

    @TempDir
    private Path folder;

    @Test
    void givesBackWhatWasStored_afterARestart() throws IOException {
        new ExampleCache(folder, 1 << 20).put(KEY, example("a", true));
        new ExampleCache(folder, 1 << 20).put(OTHER, example("b", false));

        ExampleCache again = new ExampleCache(folder, 0); // nothing held in memory

        assertThat(again.find(KEY)).contains(example("a", true));
        assertThat(again.examples(List.of(OTHER, KEY)).get(0)).isEqualTo(example("b", false));
        assertThat(again.contains(KEY)).isTrue();
    }

    @Test
    void passesADamagedFileOver() throws IOException {
        ExampleCache cache = new ExampleCache(folder, 0);
        cache.put(KEY, example("a", true));
        Path file = folder.resolve(KEY + ".example");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));

        assertThat(cache.find(KEY)).isEmpty();
        assertThatThrownBy(() -> cache.examples(List.of(KEY)).get(0)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void deletesWhatIsNotNeeded() throws IOException {
        ExampleCache cache = new ExampleCache(folder, 1 << 20);
        cache.put(KEY, example("a", true));
        cache.put(OTHER, example("b", true));

        cache.retain(List.of(OTHER));

        assertThat(cache.find(KEY)).isEmpty();
        assertThat(cache.find(OTHER)).isPresent();
    }

    @Test
    void refusesAKeyThatIsNoDigest() throws IOException {
        ExampleCache cache = new ExampleCache(folder, 1 << 20);

        assertThatThrownBy(() -> cache.find("../../etc/passwd")).isInstanceOf(IllegalArgumentException.class);
    }

    private static Example example(String id, boolean masked) {
        byte[] pixels = new byte[2 * 3 * 3];
        pixels[4] = (byte) 200;
        RgbImage image = new RgbImage(2, 3, Bytes.wrap(pixels));
        return new Example(
                id, image, masked ? new Mask(2, 3, Bytes.wrap(new byte[] {0, 1, 2, 3, 4, (byte) 255})) : null);
    }
}
