package io.maskstream.segmentation.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskOverlayTest {
    private static final ClassList CLASSES = new ClassList(List.of("a", "b"), List.of(0xff0000, 0x0000ff));
    private static final Mask MASK = new Mask(1, 3, Bytes.wrap(new byte[] {0, 1, (byte) 255}));
    private static final RgbImage GREY =
            new RgbImage(1, 3, Bytes.wrap(new byte[] {100, 100, 100, 100, 100, 100, 100, 100, 100}));

    @Test
    void mixesColourAndImage_andLeavesIgnoredPixels() {
        assertThat(rgb(MaskOverlay.blend(GREY, MASK, CLASSES, 0.5)))
                .containsExactly(178, 50, 50, 50, 50, 178, 100, 100, 100);
        assertThat(rgb(MaskOverlay.blend(GREY, MASK, CLASSES, 1))).containsExactly(255, 0, 0, 0, 0, 255, 100, 100, 100);
        assertThat(MaskOverlay.blend(GREY, MASK, CLASSES, 0)).isEqualTo(GREY);
    }

    @Test
    void showsClassesAlone_withIgnoredPixelsWhite() {
        assertThat(rgb(MaskOverlay.colours(MASK, CLASSES))).containsExactly(255, 0, 0, 0, 0, 255, 255, 255, 255);
    }

    @Test
    void showsTheUnsureLight_andTheSureDark() {
        ConfidenceMap map = new ConfidenceMap(1, 3, Bytes.wrap(new byte[] {(byte) 255, (byte) 128, 0}));
        int[] rgb = rgb(MaskOverlay.heatMap(map));

        assertThat(new int[] {rgb[0], rgb[1], rgb[2]}).containsExactly(0x0b, 0x07, 0x24);
        assertThat(new int[] {rgb[6], rgb[7], rgb[8]}).containsExactly(0xfc, 0xfd, 0xbf);
        assertThat(rgb[3] + rgb[4] + rgb[5]).isBetween(rgb[0] + rgb[1] + rgb[2], rgb[6] + rgb[7] + rgb[8]);
    }

    @Test
    void refuses_whenSizesOrClassesDoNotFit() {
        assertThatThrownBy(() -> MaskOverlay.blend(GREY, new Mask(1, 1, Bytes.wrap(new byte[1])), CLASSES, 0.5))
                .hasMessage("the image has 1x3 px, the mask 1x1");
        assertThatThrownBy(() -> MaskOverlay.colours(new Mask(1, 1, Bytes.wrap(new byte[] {7})), CLASSES))
                .hasMessage("the mask has class 7, but there are 2 classes");
    }

    private static int[] rgb(RgbImage image) {
        int[] values = new int[image.pixels().length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = image.pixels().at(i);
        }
        return values;
    }
}
