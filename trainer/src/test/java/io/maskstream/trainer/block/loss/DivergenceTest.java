package io.maskstream.trainer.block.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.network.Outputs;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Expected numbers were computed in double precision from the fixture, float32 is compared at 1e-5. */
class DivergenceTest {
    private static final Progress START = new Progress(0, 100, 1);
    private static final Offset<Float> CLOSE = within(1e-5f);

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
    void isTheMeanDivergence_ofTheLearnerFromItsPeer() {
        assertThat(divergence(Fixture.a(), Fixture.b())).isCloseTo(0.190271f, CLOSE);
        assertThat(divergence(Fixture.b(), Fixture.a())).isCloseTo(0.187985f, CLOSE);
        assertThat(ofPixel(new float[] {.5f, .3f, .2f}, new float[] {.7f, .2f, .1f}))
                .isCloseTo(0.092033f, CLOSE);
        assertThat(ofPixel(new float[] {.7f, .2f, .1f}, new float[] {.5f, .3f, .2f}))
                .isCloseTo(0.085123f, CLOSE);
    }

    @Test
    void pullsByTheDifferenceOfProbabilities_andTheLearnerAlone() {
        Tensor learner = Fixture.logits(Fixture.a()).set_requires_grad(true);
        Tensor peer = Fixture.logits(Fixture.b()).set_requires_grad(true);
        Divergence.loss(Reduction.VALID)
                .loss(outputs(learner), argmax(outputs(peer)))
                .backward();

        float[] slope = Fixture.floats(learner.grad().permute(new long[] {0, 2, 3, 1}));
        for (int i = 0; i < slope.length; i++) {
            assertThat(slope[i]).isCloseTo((Fixture.a()[i] - Fixture.b()[i]) / 4, CLOSE);
        }
        assertThat(peer.grad().defined()).isFalse();
    }

    @Test
    void isNothing_betweenEqualNetworks() {
        Tensor learner = Fixture.logits(Fixture.a()).set_requires_grad(true);
        Tensor loss = Divergence.loss(Reduction.VALID).loss(outputs(learner), argmax(Fixture.outputs(Fixture.a())));
        loss.backward();

        assertThat(loss.item_float()).isCloseTo(0, CLOSE);
        assertThat(Fixture.floats(learner.grad())).containsExactly(new float[12], within(1e-7f));
    }

    @Test
    void staysFinite_whenAProbabilityIsZero() {
        assertThat(ofPixel(new float[] {1, 0, 0}, new float[] {.5f, .3f, .2f})).isCloseTo((float) Math.log(2), CLOSE);
    }

    @Test
    void weighsByTheSteadinessOfTheGiver_acrossHeads() {
        Tensor first = Fixture.logits(Fixture.b()).set_requires_grad(true);
        Tensor second = Fixture.logits(Fixture.d()).set_requires_grad(true);
        Outputs strong = new Outputs(Map.of(Outputs.LOGITS, first, ExtraBranches.logits("second"), second));
        Tensor loss = Divergence.steadyCrossEntropy(Reduction.VALID, "second", Outputs.LOGITS)
                .loss(strong, argmax(Fixture.outputs(Fixture.a())));
        loss.backward();

        float[] weights = Fixture.floats(
                Divergence.ofPixels(soft(Fixture.a()), first.detach()).neg().exp());
        assertThat(weights).containsExactly(new float[] {.963184f, .872379f, .575950f, .974177f}, CLOSE);
        assertThat(loss.item_float()).isCloseTo(0.928911f, CLOSE);
        assertThat(first.grad().defined()).isFalse();
        assertThat(second.grad().defined()).isTrue();
    }

    @Test
    void isPlainCrossEntropy_whenTheGiverSaysTheSameOrNothingOfBothViews() {
        Outputs strong = new Outputs(Map.of(
                Outputs.LOGITS,
                Fixture.logits(Fixture.a()),
                ExtraBranches.logits("second"),
                Fixture.logits(Fixture.b())));
        PseudoLabel label = argmax(Fixture.outputs(Fixture.a()));
        LossTerm steady = Divergence.steadyCrossEntropy(Reduction.VALID, "second", Outputs.LOGITS);
        PseudoLabel pasted = new PseudoLabel(
                label.hard(),
                label.confidence(),
                torch.zeros_like(soft(Fixture.a())),
                label.weight(),
                label.valid(),
                label.source());

        assertThat(steady.loss(strong, label).item_float()).isCloseTo(0.792521f, CLOSE);
        assertThat(steady.loss(strong, pasted).item_float()).isCloseTo(0.792521f, CLOSE);
    }

    @Test
    void refusesHardLabels() {
        PseudoLabel human = PseudoLabel.human(Fixture.classes(0, 1, 2, 255));

        assertThatThrownBy(() -> Divergence.loss(Reduction.VALID).loss(Fixture.outputs(Fixture.a()), human))
                .hasMessageContaining("soft labels");
    }

    @Test
    void measuresHowAlikeFeaturesAre_andTurnsTheLearnersAlone() {
        Tensor right = torch.tensor(new float[] {1, 0}).view(1, 2, 1, 1);
        PseudoLabel known = PseudoLabel.human(Fixture.classes(0, 1, 2, 255));

        assertThat(likeness(right, right, known)).isCloseTo(2, CLOSE);
        assertThat(likeness(right, torch.tensor(new float[] {0, 3}).view(1, 2, 1, 1), known))
                .isCloseTo(1, CLOSE);
        assertThat(likeness(right, right.neg(), known)).isCloseTo(0, CLOSE);
        Tensor own = torch.tensor(new float[] {1, 1}).view(1, 2, 1, 1).set_requires_grad(true);
        Tensor other = torch.tensor(new float[] {1, 0}).view(1, 2, 1, 1).set_requires_grad(true);
        Discrepancy.ofFeatures(own, other.detach(), known).backward();
        assertThat(own.grad().defined()).isTrue();
        assertThat(other.grad().defined()).isFalse();
    }

    @Test
    void leavesPlacesWithoutAnyLabelOut_whenFeaturesAreCompared() {
        Tensor own = torch.tensor(new float[] {1, 1, 0, 0}).view(1, 2, 1, 2); // (1, 0) and (1, 0)
        Tensor other = torch.tensor(new float[] {1, 0, 0, 1}).view(1, 2, 1, 2); // (1, 0) and (0, 1)

        assertThat(likeness(own, other, PseudoLabel.human(Fixture.classes(0, 1, 0, 1))))
                .isCloseTo(1.5f, CLOSE);
        assertThat(likeness(own, other, PseudoLabel.human(Fixture.classes(0, 255, 0, 255))))
                .isCloseTo(2, CLOSE);
        assertThat(likeness(own, other, PseudoLabel.human(Fixture.classes(255, 255, 255, 255))))
                .isZero();
    }

    private static float likeness(Tensor own, Tensor other, PseudoLabel known) {
        return Discrepancy.ofFeatures(own, other, known).item_float();
    }

    private static float divergence(float[] learner, float[] peer) {
        return Divergence.loss(Reduction.VALID)
                .loss(Fixture.outputs(learner), argmax(Fixture.outputs(peer)))
                .item_float();
    }

    private static float ofPixel(float[] probabilities, float[] learner) {
        return Divergence.ofPixels(
                        torch.tensor(probabilities).view(1, 3, 1, 1),
                        torch.tensor(learner).view(1, 3, 1, 1).log().add(new Scalar(2.0)))
                .item_float();
    }

    private static Outputs outputs(Tensor logits) {
        return new Outputs(Map.of(Outputs.LOGITS, logits));
    }

    private static Tensor soft(float[] probabilities) {
        return Objects.requireNonNull(argmax(Fixture.outputs(probabilities)).soft());
    }

    private static PseudoLabel argmax(Outputs giver) {
        return Labeler.argmax().label(List.of(giver), new LabelSource("peer", "v1", 1), START);
    }
}
