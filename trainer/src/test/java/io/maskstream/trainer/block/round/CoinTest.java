package io.maskstream.trainer.block.round;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CoinTest {
    @Test
    void fallsTheSameForASeed_andNoMoreThanTwoTailsInARow() {
        List<String> sequences = new ArrayList<>();
        for (long seed = 0; seed < 200; seed++) {
            sequences.add(sequence(seed));
        }

        assertThat(sequences).noneMatch(text -> text.contains("ttt")).anyMatch(text -> text.contains("tt"));
        assertThat(sequences.stream().distinct().count()).isGreaterThan(100);
        assertThat(sequence(3)).isEqualTo(sequences.get(3));
    }

    private static String sequence(long seed) {
        return IntStream.rangeClosed(1, 12)
                .mapToObj(stage -> new Coin(seed, 2).heads(stage) ? "h" : "t")
                .collect(Collectors.joining());
    }
}
