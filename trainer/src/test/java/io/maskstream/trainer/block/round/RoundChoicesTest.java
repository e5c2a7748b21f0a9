package io.maskstream.trainer.block.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.pool.StoredLabel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a plan chooses its images by: scored, ranked, drawn and held out. Values are those of the method sheets. */
class RoundChoicesTest {
    @Test
    void scoresStability_byTheSheetsExample() {
        StoredLabel first = StoredLabel.of(1, 4, new int[] {0, 0, 1, 1}, new double[] {1, 1, 1, 1});
        StoredLabel last = StoredLabel.of(1, 4, new int[] {0, 1, 1, 1}, new double[] {1, 1, 1, 1});
        ImageScorer stability = ImageScorer.checkpointStability();

        assertThat(ImageScorer.agreement(first, last)).isCloseTo(0.583333, within(1e-6));
        assertThat(stability.score(List.of(first, last, last))).isCloseTo(0.791667, within(1e-6));
        assertThat(stability.score(List.of(last, last, last))).isEqualTo(1);
        assertThatThrownBy(() -> stability.score(List.of(last))).hasMessageContaining("found 1");
    }

    @Test
    void takesTheHalfRoundedDown_whenRanked() {
        Map<Integer, Double> scores = Map.of(0, .5, 1, .9, 2, .5, 3, .1, 4, .5);

        Ranking ranking = Ranking.of(new TreeMap<>(scores), 0.5);

        assertThat(ranking.best()).containsExactly(1, 0); // equal scores keep their order
        assertThat(ranking.rest()).containsExactly(2, 4, 3);
        assertThat(Ranking.of(new TreeMap<>(Map.of(3, .2)), 0.5).best()).containsExactly(3);
    }

    @Test
    void drawsPartsThatOverlap_andHoldsSomeOut() {
        List<Integer> images = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            images.add(i);
        }

        OverlappingParts parts = OverlappingParts.of(images, 7);
        HoldOut holdOut = HoldOut.of(10, 0.2, 7);

        assertThat(parts.one()).hasSize(80);
        assertThat(parts.other()).hasSize(80);
        assertThat(parts.one().stream().filter(parts.other()::contains)).hasSize(60);
        assertThat(holdOut.held()).hasSize(2).doesNotContainAnyElementsOf(holdOut.learned());
        assertThat(holdOut.learned()).hasSize(8);
        assertThat(HoldOut.of(2, 0, 7).held()).hasSize(1);
        assertThat(HoldOut.of(1, 0.2, 7)).isEqualTo(new HoldOut(List.of(0), List.of(0)));
        assertThat(OverlappingParts.of(List.of(4, 6), 7).one()).containsExactly(4, 6);
    }
}
