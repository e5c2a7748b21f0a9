package io.maskstream.trainer.block.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Reduction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pixels weighed by the rank of their entropy; expected numbers by hand. */
class EntropyRankTest {
    private PointerScope scope = new PointerScope();

    @BeforeEach
    void open() {
        scope.close();
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void weighsByTheRankOfEntropy_withinAPicture() {
        Tensor entropy = Fixture.map(0, .1f, .4f, .5f);
        Tensor all = torch.ones_like(entropy).to(torch.ScalarType.Bool);

        Tensor weights = new EntropyRank(0.5).weights(entropy, all);

        assertThat(Fixture.floats(weights)).containsExactly(new float[] {1, 1, .4f, 0}, within(1e-5f));
        PseudoLabel label = PseudoLabel.human(Fixture.classes(0, 1, 2, 0)).weighted(weights);
        assertThat(Fixture.longs(label.hard())).containsExactly(0, 1, 2, 255);
        assertThat(Reduction.WEIGHT_SUM.reduce(Fixture.map(1, 2, 3, 4), label).item_float())
                .isCloseTo(1.75f, within(1e-5f));
    }

    @Test
    void weighsAllFully_whenEveryEntropyIsTheSame() {
        Tensor entropy = Fixture.map(.3f, .3f, .3f, .3f);

        assertThat(Fixture.floats(new EntropyRank(0.5)
                        .weights(entropy, torch.ones_like(entropy).to(torch.ScalarType.Bool))))
                .containsOnly(1f);
        assertThat(Fixture.floats(new EntropyRank(0.5)
                        .weights(entropy, torch.zeros_like(entropy).to(torch.ScalarType.Bool))))
                .doesNotContain(Float.NaN);
    }
}
