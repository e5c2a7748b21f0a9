package io.maskstream.trainer.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.network.Outputs;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Expected numbers are from PyTorch 2 in double precision, float32 is compared at 1e-5. */
class LossTermTest {
    private static final Progress START = new Progress(0, 100, 1);

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
    void isThePlainMean_whenEveryPixelCounts() {
        PseudoLabel label = argmax(Fixture.A);

        for (Reduction reduction : Reduction.values()) {
            float loss = LossTerm.crossEntropy(reduction)
                    .loss(Fixture.outputs(Fixture.B), label)
                    .item_float();
            assertThat(loss).as(reduction.name()).isCloseTo(0.792521f, within(1e-5f));
        }
    }

    @Test
    void dividesByAllValidPixels_whenTheThresholdDropsOne() {
        PseudoLabel label =
                Refinement.confidenceAtLeast(Schedule.constant(0.75)).refine(argmax(Fixture.A), START);

        assertThat(Fixture.longs(label.hard())).containsExactly(0, 255, 1, 2);
        assertThat(Fixture.floats(label.weight())).containsExactly(1, 0, 1, 1);
        assertThat(crossEntropy(Reduction.VALID, label)).isCloseTo(0.491528f, within(1e-5f));
        assertThat(crossEntropy(Reduction.ALL, label)).isCloseTo(0.491528f, within(1e-5f));
        assertThat(crossEntropy(Reduction.SELECTED, label)).isCloseTo(0.491528f * 4 / 3, within(1e-5f));
    }

    @Test
    void leavesPaddingOut_whenAPixelIsHidden() {
        PseudoLabel label = Refinement.confidenceAtLeast(Schedule.constant(0.75))
                .refine(argmax(Fixture.A), START)
                .hiding(Fixture.classes(0, 0, 0, 1).to(torch.ScalarType.Bool));

        assertThat(crossEntropy(Reduction.VALID, label)).isCloseTo(0.580990f, within(1e-5f));
    }

    @Test
    void countsRareClassesMore_whenClassesHaveWeights() {
        float loss = LossTerm.crossEntropy(Reduction.SELECTED, new ClassWeights(List.of(2f, 1f, 0.5f)))
                .loss(Fixture.outputs(Fixture.B), argmax(Fixture.A))
                .item_float();

        assertThat(loss).isCloseTo((2 * .356675f + 2 * 1.203973f + 1.386294f + 0.5f * .223144f) / 4, within(1e-5f));
    }

    @Test
    void weighsByTheRootOfTheShare_andOneOnAverage() {
        List<Float> weights = ClassWeights.ofPixels(List.of(900L, 100L, 0L)).values();

        assertThat(weights.get(1) / weights.get(0)).isCloseTo(3f, within(1e-5f));
        assertThat(0.9f * weights.get(0) + 0.1f * weights.get(1)).isCloseTo(1f, within(1e-5f));
        assertThat(weights.get(2)).isEqualTo(weights.get(1));
        assertThat(ClassWeights.ofPixels(List.of(0L, 0L)).values()).containsExactly(1f, 1f);
    }

    @Test
    void isZeroWithAZeroGradient_whenNothingCounts() {
        PseudoLabel label =
                Refinement.confidenceAtLeast(Schedule.constant(1.01)).refine(argmax(Fixture.A), START);
        for (Reduction reduction : Reduction.values()) {
            Tensor logits = Fixture.logits(Fixture.B).set_requires_grad(true);
            Tensor loss = LossTerm.crossEntropy(reduction).loss(new Outputs(Map.of(Outputs.LOGITS, logits)), label);
            loss.backward();

            assertThat(loss.item_float()).as(reduction.name()).isZero();
            assertThat(Fixture.floats(logits.grad())).as(reduction.name()).containsOnly(0f);
        }
    }

    @Test
    void sumsSquaresOverClasses_whenProbabilitiesDiffer() {
        float loss = LossTerm.squaredDistance(Reduction.ALL)
                .loss(Fixture.outputs(Fixture.B), argmax(Fixture.A))
                .item_float();

        assertThat(loss).isCloseTo((0.020f + 0.105f + 0.395f + 0.005f) / 4, within(1e-5f));
    }

    @Test
    void refusesHardLabels_whenProbabilitiesAreNeeded() {
        PseudoLabel human = PseudoLabel.human(Fixture.classes(0, 1, 2, 255));

        assertThatThrownBy(() -> LossTerm.squaredDistance(Reduction.ALL).loss(Fixture.outputs(Fixture.B), human))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("soft labels");
    }

    @Test
    void givesNoGradientToTheLabelGiver_whenItsProbabilitiesAreATarget() {
        Tensor giver = Fixture.logits(Fixture.A).set_requires_grad(true);
        PseudoLabel label = Labeler.argmax()
                .label(List.of(new Outputs(Map.of(Outputs.LOGITS, giver))), new LabelSource("teacher", "v1", 1), START);
        Tensor learner = Fixture.logits(Fixture.B).set_requires_grad(true);
        LossTerm.squaredDistance(Reduction.ALL)
                .loss(new Outputs(Map.of(Outputs.LOGITS, learner)), label)
                .backward();

        assertThat(giver.grad().defined()).isFalse();
        assertThat(learner.grad().defined()).isTrue();
    }

    @Test
    void countsOnlyPixelsWithAClass_whenAPersonLeftSomeOut() {
        PseudoLabel human = PseudoLabel.human(Fixture.classes(0, 255, 255, 255));

        assertThat(crossEntropy(Reduction.SELECTED, human)).isCloseTo((float) -Math.log(0.7), within(1e-5f));
    }

    @Test
    void excludesTheThresholdItself_whenConfidenceMustBeAbove() {
        PseudoLabel label = argmax(Fixture.A);
        PseudoLabel kept = Refinement.confidenceAbove(progress -> 0.8f).refine(label, START);

        assertThat(Fixture.longs(kept.hard())).containsOnly(255);
    }

    private static PseudoLabel argmax(float[] probabilities) {
        return Labeler.argmax()
                .label(List.of(Fixture.outputs(probabilities)), new LabelSource("teacher", "v1", 1), START);
    }

    private static float crossEntropy(Reduction reduction, PseudoLabel label) {
        return LossTerm.crossEntropy(reduction)
                .loss(Fixture.outputs(Fixture.B), label)
                .item_float();
    }
}
