package io.maskstream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.trainer.data.ClassBalancedReservoir.Candidate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SamplingTest {

    @Property(tries = 50)
    void holdsEveryIndexOnce_inEveryPass(
            @ForAll @IntRange(min = 1, max = 60) int size, @ForAll long seed, @ForAll @IntRange(max = 5) int pass) {
        Shuffle shuffle = new Shuffle(size, seed);
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < size; i++) {
            seen.add(shuffle.at((long) pass * size + i));
        }

        assertThat(seen).hasSize(size).allMatch(index -> index >= 0 && index < size);
    }

    @Test
    void givesTheSameIndex_whateverWasAskedBefore() {
        Shuffle forwards = new Shuffle(10, 5);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            order.add(forwards.at(i));
        }
        Shuffle jumping = new Shuffle(10, 5);

        assertThat(jumping.at(25)).isEqualTo(order.get(25));
        assertThat(jumping.at(3)).isEqualTo(order.get(3));
        assertThat(order.subList(0, 10)).isNotEqualTo(order.subList(10, 20));
    }

    @Test
    void keepsTheRareClass_whenACommonOneWouldFillTheReservoir() {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            candidates.add(new Candidate("common-" + i, List.of(100L, 0L)));
        }
        for (int i = 0; i < 5; i++) {
            candidates.add(new Candidate("rare-" + i, List.of(90L, 10L)));
        }

        List<String> kept = ClassBalancedReservoir.choose(candidates, 20, 1);

        assertThat(kept).hasSize(20).filteredOn(id -> id.startsWith("rare")).hasSize(5);
    }

    @Test
    void doesNotDependOnOrder_andKeepsItsChoice_whenNewImagesCome() {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            candidates.add(new Candidate("image-" + i, List.of(i % 2 == 0 ? 5L : 0L, 5L)));
        }
        List<String> kept = ClassBalancedReservoir.choose(candidates, 30, 9);
        Collections.reverse(candidates);

        assertThat(ClassBalancedReservoir.choose(candidates, 30, 9)).isEqualTo(kept);
        assertThat(ClassBalancedReservoir.choose(candidates, 200, 9)).hasSize(100);
        assertThat(ClassBalancedReservoir.choose(List.of(), 30, 9)).isEmpty();
    }
}
