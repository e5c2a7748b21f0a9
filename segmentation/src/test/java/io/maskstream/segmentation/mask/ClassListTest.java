package io.maskstream.segmentation.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassListTest {
    @Test
    void givesEveryClassAColourOfItsOwn_whenTheyBringNone() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            names.add("class-" + i);
        }

        ClassList classes = ClassList.of(names);

        assertThat(classes.rgb()).doesNotHaveDuplicates().allMatch(colour -> colour >= 0 && colour <= 0xffffff);
        assertThat(classes.colour(1)).isEqualTo(ClassColours.of(1));
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
