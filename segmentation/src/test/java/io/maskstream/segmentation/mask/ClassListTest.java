package io.maskstream.segmentation.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassListTest {
    @Test
    void givesTheColoursOfPascalVoc() {
        // The first entries of the colour map of the VOC development kit: black, maroon, green, olive; entry 20 is tv.
        assertThat(List.of(0, 1, 2, 3, 20).stream().map(ClassList::vocColour))
                .containsExactly(0x000000, 0x800000, 0x008000, 0x808000, 0x004080);
        assertThat(ClassList.of(List.of("a", "b")).colour(1)).isEqualTo(0x800000);
    }

    @Test
    void refusesNamesThatCannotBeToldApart() {
        assertThatThrownBy(() -> ClassList.of(List.of("road", "Road")))
                .hasMessage("class 1 is named 'Road' like a class before it");
        assertThatThrownBy(() -> ClassList.of(List.of("road", " "))).hasMessageContaining("give it a name");
    }

    @Test
    void refusesMoreClassesThanAMaskHolds() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            names.add("class-" + i);
        }

        assertThatThrownBy(() -> ClassList.of(names)).hasMessage("a mask of bytes holds 1 to 255 classes, got 256");
        assertThatThrownBy(() -> ClassList.of(List.of())).hasMessageContaining("got 0");
        assertThat(ClassList.of(names.subList(0, 255)).size()).isEqualTo(255);
    }
}
