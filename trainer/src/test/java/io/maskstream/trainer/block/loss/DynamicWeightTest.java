package io.maskstream.trainer.block.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.PseudoLabel;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Network B learns from what A stored; values are those of the sheet of DMT. */
class DynamicWeightTest {
    private final PointerScope scope = new PointerScope();
    private final Tensor learner = Fixture.logits(Fixture.b());

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void weighsByTheLearnersOpinion() {
        Tensor weights = new DynamicWeight(5, 5).weights(learner, stored(2));

        assertThat(Fixture.floats(weights))
                .containsExactly(new float[] {.16807f, 0, .000976563f, .32768f}, within(1e-5f));
        assertThat(Fixture.floats(new DynamicWeight(3, 2).weights(learner, stored(2))))
                .containsExactly(new float[] {.343f, 0, .0625f, .512f}, within(1e-5f));
    }

    @Test
    void dividesByThePixelsThatHaveALabel() {
        assertThat(loss(5, 5, stored(2))).isCloseTo(.033605, within(1e-5));
        assertThat(loss(5, 5, stored(255))).isCloseTo(.020433, within(1e-5));
        assertThat(loss(3, 2, stored(2))).isCloseTo(.080808, within(1e-5));
    }

    @Test
    void isPlainCrossEntropy_whenBothExponentsAreZero() {
        assertThat(loss(0, 0, stored(2))).isCloseTo(.792521, within(1e-5));
    }

    @Test
    void trustsTheLabel_whenBothAreAsSure() {
        Tensor own = learner.softmax(1).max(1).get0(); // the learner's own confidence, to the bit
        PseudoLabel tie = PseudoLabel.of(Fixture.classes(0, 0, 1, 2), own, null, LabelSource.HUMAN);

        float[] weights = Fixture.floats(new DynamicWeight(5, 2).weights(learner, tie));

        assertThat(weights).containsExactly(new float[] {.16807f, .09f, .0625f, .32768f}, within(1e-5f));
    }

    @Test
    void teachesWithoutAGradientOfTheWeight() {
        Tensor logits = learner.detach().requires_grad_(true);
        new DynamicWeight(5, 5).loss(Fixture.speaking(logits), stored(2)).backward();

        float[] gradient = Fixture.floats(logits.grad()); // [1, C, 2, 2]: weight * (p - onehot) / 4
        assertThat(gradient[0]).isCloseTo(.16807f * (.7f - 1) / 4, within(1e-6f));
        assertThat(gradient[1]).isZero();
        assertThat(gradient[3 + 8]).isCloseTo(.32768f * (.8f - 1) / 4, within(1e-6f));
    }

    private double loss(double agree, double differ, PseudoLabel target) {
        return new DynamicWeight(agree, differ)
                .loss(Fixture.speaking(learner), target)
                .item_double();
    }

    /** What A stored, with the class of the last pixel as given. */
    private static PseudoLabel stored(long last) {
        return PseudoLabel.of(
                Fixture.classes(0, 0, 1, last), Fixture.map(.80f, .55f, .75f, .80f), null, LabelSource.HUMAN);
    }
}
