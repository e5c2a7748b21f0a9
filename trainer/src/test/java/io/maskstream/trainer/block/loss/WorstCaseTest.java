package io.maskstream.trainer.block.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.Schedule;
import io.maskstream.trainer.network.Outputs;
import io.maskstream.trainer.network.Taps;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Expected numbers are those of the definition, by hand. */
class WorstCaseTest {
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
    void isThreeTimesLogTwo_whenTheHeadCannotTell() {
        Outputs unsure = new Outputs(Map.of(Outputs.LOGITS, torch.zeros(1, 2, 2, 2)));
        PseudoLabel label = PseudoLabel.human(Fixture.classes(0, 1, 1, 0));

        float unlabelled =
                WorstCase.disagreement(Reduction.VALID).loss(unsure, label).item_float();
        float labelled = LossTerm.crossEntropy(Reduction.SELECTED)
                .times(2)
                .loss(unsure, label)
                .item_float();

        assertThat(unlabelled).isCloseTo(0.693147f, within(1e-5f));
        assertThat(labelled).isCloseTo(1.386294f, within(1e-5f));
        assertThat(unlabelled + labelled).isCloseTo(2.079442f, within(1e-5f));
    }

    @Test
    void staysFinite_whenTheHeadAgreesForSure() {
        Tensor logits = torch.tensor(new float[] {200, 200, 200, 200, 0, 0, 0, 0})
                .reshape(1, 2, 2, 2)
                .set_requires_grad(true);

        Tensor loss = WorstCase.disagreement(Reduction.VALID)
                .loss(new Outputs(Map.of(Outputs.LOGITS, logits)), PseudoLabel.human(Fixture.classes(0, 0, 0, 0)));
        loss.backward();

        assertThat(loss.item_float()).isCloseTo(13.8155f, within(1e-3f));
        assertThat(Fixture.floats(logits.grad())).doesNotContain(Float.NaN, Float.POSITIVE_INFINITY);
    }

    @Test
    void isNothing_whenEveryPixelIsIgnored() {
        Tensor logits = torch.zeros(1, 2, 2, 2).set_requires_grad(true);

        Tensor loss = WorstCase.disagreement(Reduction.VALID)
                .loss(
                        new Outputs(Map.of(Outputs.LOGITS, logits)),
                        PseudoLabel.human(Fixture.classes(255, 255, 255, 255)));
        loss.backward();

        assertThat(loss.item_float()).isZero();
        assertThat(Fixture.floats(logits.grad())).containsOnly(0f);
    }

    @Test
    void bringsTheReversalIn_asTheTrainingGoesOn() {
        Schedule reversal = WorstCase.reversal(0.1, 0.1);

        assertThat(reversal.at(new Progress(0, 10_000, 1))).isZero();
        assertThat(reversal.at(new Progress(1000, 10_000, 1))).isCloseTo(0.0462117, within(1e-7));
        assertThat(reversal.at(new Progress(5000, 10_000, 1))).isCloseTo(0.0986614, within(1e-7));
        assertThat(reversal.at(new Progress(0, 10_000, 2, 1_000_000))).isCloseTo(0.1, within(1e-7));
    }

    @Test
    void turnsTheGradientRound_andLeavesTheValue() {
        Taps taps = Perturbation.reversed(Schedule.constant(0.25), "worst").taps(new AtStart());
        Tensor features = torch.tensor(new float[] {1, -2, 3}).set_requires_grad(true);

        Tensor through = Objects.requireNonNull(taps.changes().get(ExtraBranches.entry("worst")))
                .apply(features);
        through.sum().backward();

        assertThat(Fixture.floats(through)).containsExactly(new float[] {1, -2, 3}, within(1e-6f));
        assertThat(Fixture.floats(features.grad())).containsOnly(-0.25f);
    }

    /** A pass of which only the clock is asked for. */
    private static final class AtStart implements Perturbation.Pass {
        @Override
        public Tensor images() {
            throw new IllegalStateException("no picture is needed");
        }

        @Override
        public io.maskstream.trainer.network.SegmentationNetwork learner() {
            throw new IllegalStateException("no network is needed");
        }

        @Override
        public io.maskstream.trainer.network.SegmentationNetwork member(String name) {
            throw new IllegalStateException("no network is needed");
        }

        @Override
        public Progress progress() {
            return new Progress(0, 1, 1);
        }
    }
}
