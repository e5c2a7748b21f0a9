package io.maskstream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LabelChoiceTest {
    private static final List<String> IDS =
            IntStream.range(0, 367).mapToObj(i -> "image-" + i).toList();

    @Test
    void takesAShareRoundedToTheNearest() {
        assertThat(LabelChoice.parse("1/8").choose(IDS, 7)).hasSize(46);
        assertThat(LabelChoice.parse("all").choose(IDS, 7)).hasSize(367);
        assertThat(LabelChoice.parse("12").choose(IDS, 7)).hasSize(12);
        assertThat(LabelChoice.parse("1/8").choose(IDS.subList(0, 2), 7)).hasSize(1);
    }

    @Test
    void holdsTheSmallerChoice_whenTheSeedIsTheSame() {
        Set<String> large = LabelChoice.parse("1/4").choose(IDS, 7);

        assertThat(large).containsAll(LabelChoice.parse("12").choose(IDS, 7));
        assertThat(large).isNotEqualTo(LabelChoice.parse("1/4").choose(IDS, 8));
    }

    @Test
    void doesNotDependOnTheOrderOfFiles() {
        List<String> reversed = new ArrayList<>(IDS);
        Collections.reverse(reversed);

        assertThat(LabelChoice.parse("40").choose(reversed, 3))
                .isEqualTo(LabelChoice.parse("40").choose(IDS, 3));
    }

    @Test
    void saysWhatIsExpected_whenTheTextIsWrong() {
        assertThatThrownBy(() -> LabelChoice.parse("some")).hasMessageContaining("1/8");
        assertThatThrownBy(() -> LabelChoice.parse("9/8")).hasMessageContaining("at most 1");
        assertThatThrownBy(() -> LabelChoice.parse("0")).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> LabelChoice.parse("400").choose(IDS, 1)).hasMessageContaining("367");
    }
}
