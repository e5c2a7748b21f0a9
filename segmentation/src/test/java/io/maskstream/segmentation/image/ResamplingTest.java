package io.maskstream.segmentation.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.Mask;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ResamplingTest {
    private static final int HEIGHT = 11;
    private static final int WIDTH = 13;

    // Pillow 13.0.0, Image.resize(BILINEAR) of the 13x11 grey pattern below; ours may round a value up instead of down.
    private static final int[][] SHRUNK = {
        {50, 130, 146, 143}, {113, 132, 132, 123}, {167, 133, 137, 129}, {129, 122, 138, 121}, {81, 121, 126, 125}
    };
    private static final int[] FIRST_ROW_OF_6x30 = {
        17, 18, 22, 26, 36, 46, 61, 77, 95, 117, 139, 157, 176, 169, 156, 142, 128, 124, 161, 198, 159, 110, 117, 166,
        191, 154, 117, 129, 142, 147
    };

    @Test
    void shrinksAsPillowDoes() {
        ConfidenceMap shrunk = Resampling.bilinear(pattern(), 5, 4);

        for (int i = 0; i < 20; i++) {
            assertThat(shrunk.values().at(i)).isCloseTo(SHRUNK[i / 4][i % 4], within(1));
        }
    }

    @Test
    void growsAsPillowDoes_whileItShrinksTheOtherWay() {
        ConfidenceMap mixed = Resampling.bilinear(pattern(), 6, 30);

        for (int x = 0; x < 30; x++) {
            assertThat(mixed.values().at(x)).isCloseTo(FIRST_ROW_OF_6x30[x], within(1));
        }
    }

    @Test
    void treatsEachColourAlone() {
        ConfidenceMap grey = pattern();
        byte[] rgb = new byte[3 * HEIGHT * WIDTH];
        for (int i = 0; i < HEIGHT * WIDTH; i++) {
            rgb[3 * i] = (byte) grey.values().at(i);
            rgb[3 * i + 1] = (byte) (255 - grey.values().at(i));
            rgb[3 * i + 2] = 77;
        }
        RgbImage resized = Resampling.bilinear(new RgbImage(HEIGHT, WIDTH, Bytes.wrap(rgb)), 5, 4);
        ConfidenceMap alone = Resampling.bilinear(grey, 5, 4);

        for (int i = 0; i < 20; i++) {
            assertThat(resized.pixels().at(3 * i)).isEqualTo(alone.values().at(i));
            assertThat(resized.pixels().at(3 * i + 1))
                    .isCloseTo(255 - alone.values().at(i), within(1));
            assertThat(resized.pixels().at(3 * i + 2)).isEqualTo(77);
        }
    }

    @Test
    void keepsAnEvenAreaExactly_inAnySize() {
        byte[] values = new byte[7 * 5];
        Arrays.fill(values, (byte) 255);
        ConfidenceMap even = new ConfidenceMap(7, 5, Bytes.wrap(values));

        for (int size = 1; size < 40; size++) {
            Bytes resized = Resampling.bilinear(even, size, 41 - size).values();
            for (int i = 0; i < resized.length(); i++) {
                assertThat(resized.at(i)).isEqualTo(255);
            }
        }
    }

    @Test
    void takesTheClassUnderTheCentre_forMasks() {
        Mask mask = new Mask(2, 4, Bytes.wrap(new byte[] {0, 1, 2, 3, 4, 5, 6, 7}));

        assertThat(Resampling.nearest(mask, 1, 2)).isEqualTo(new Mask(1, 2, Bytes.wrap(new byte[] {5, 7})));
        assertThat(Resampling.nearest(Resampling.nearest(mask, 6, 12), 2, 4)).isEqualTo(mask);
        assertThat(Resampling.nearest(mask, 2, 4)).isSameAs(mask);
    }

    @Test
    void refuses_whenASideIsNotPositive() {
        assertThatThrownBy(() -> Resampling.bilinear(pattern(), 0, 4)).hasMessage("cannot resize to 0x4 px");
    }

    /** {@code (7 x x + 29 y + 3 x y) % 256}. */
    private static ConfidenceMap pattern() {
        byte[] values = new byte[HEIGHT * WIDTH];
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                values[y * WIDTH + x] = (byte) ((7 * x * x + 29 * y + 3 * x * y) % 256);
            }
        }
        return new ConfidenceMap(HEIGHT, WIDTH, Bytes.wrap(values));
    }
}
