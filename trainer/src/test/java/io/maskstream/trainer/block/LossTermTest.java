package io.maskstream.trainer.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.network.Outputs;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
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
        PseudoLabel label = argmax(Fixture.a());

        for (Reduction reduction : Reduction.values()) {
            float loss = LossTerm.crossEntropy(reduction)
                    .loss(Fixture.outputs(Fixture.b()), label)
                    .item_float();
            assertThat(loss).as(reduction.name()).isCloseTo(0.792521f, within(1e-5f));
        }
    }

    @Test
    void dividesByAllValidPixels_whenTheThresholdDropsOne() {
        PseudoLabel label =
                Refinement.confidenceAtLeast(Schedule.constant(0.75)).refine(argmax(Fixture.a()), START);

        assertThat(Fixture.longs(label.hard())).containsExactly(0, 255, 1, 2);
        assertThat(Fixture.floats(label.weight())).containsExactly(1, 0, 1, 1);
        assertThat(crossEntropy(Reduction.VALID, label)).isCloseTo(0.491528f, within(1e-5f));
        assertThat(crossEntropy(Reduction.ALL, label)).isCloseTo(0.491528f, within(1e-5f));
        assertThat(crossEntropy(Reduction.SELECTED, label)).isCloseTo(0.491528f * 4 / 3, within(1e-5f));
    }

    @Test
    void leavesPaddingOut_whenAPixelIsHidden() {
        PseudoLabel label = Refinement.confidenceAtLeast(Schedule.constant(0.75))
                .refine(argmax(Fixture.a()), START)
                .hiding(Fixture.classes(0, 0, 0, 1).to(torch.ScalarType.Bool));

        assertThat(crossEntropy(Reduction.VALID, label)).isCloseTo(0.580990f, within(1e-5f));
    }

    @Test
    void countsRareClassesMore_whenClassesHaveWeights() {
        float loss = LossTerm.crossEntropy(Reduction.SELECTED, new ClassWeights(List.of(2f, 1f, 0.5f)))
                .loss(Fixture.outputs(Fixture.b()), argmax(Fixture.a()))
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
    void weighsByAnyPowerOfTheShare_andOneOnAverage() {
        ClassWeights root = ClassWeights.ofPixels(List.of(900L, 100L));

        assertThat(root.withPower(0).values()).containsExactly(1f, 1f);
        assertThat(root.withPower(0.5).values().get(1)).isCloseTo(root.values().get(1), within(1e-6f));
        List<Float> classes = root.withPower(1).values();
        assertThat(classes.get(1) / classes.get(0)).isCloseTo(9f, within(1e-4f));
        assertThat(0.9f * classes.get(0) + 0.1f * classes.get(1)).isCloseTo(1f, within(1e-5f));
    }

    @Test
    void isZeroWithAZeroGradient_whenNothingCounts() {
        PseudoLabel label =
                Refinement.confidenceAtLeast(Schedule.constant(1.01)).refine(argmax(Fixture.a()), START);
        for (Reduction reduction : Reduction.values()) {
            Tensor logits = Fixture.logits(Fixture.b()).set_requires_grad(true);
            Tensor loss = LossTerm.crossEntropy(reduction).loss(new Outputs(Map.of(Outputs.LOGITS, logits)), label);
            loss.backward();

            assertThat(loss.item_float()).as(reduction.name()).isZero();
            assertThat(Fixture.floats(logits.grad())).as(reduction.name()).containsOnly(0f);
        }
    }

    @Test
    void sumsSquaresOverClasses_whenProbabilitiesDiffer() {
        float loss = LossTerm.squaredDistance(Reduction.ALL)
                .loss(Fixture.outputs(Fixture.b()), argmax(Fixture.a()))
                .item_float();

        assertThat(loss).isCloseTo((0.020f + 0.105f + 0.395f + 0.005f) / 4, within(1e-5f));
    }

    @Test
    void sumsOverClasses_whenATeacherIsHalfSure() {
        // student (ln 1, ln 1), teacher (ln 3, 0) at one pixel: Mean Teacher's and C3-SemiSeg's own numbers
        Tensor student = torch.zeros(1, 2, 1, 2);
        Tensor soft = torch.tensor(new float[] {.75f, .75f, .25f, .25f}).reshape(1, 2, 1, 2);
        PseudoLabel label = Labeler.mostProbable(soft, new LabelSource("teacher", "v1", 1));
        PseudoLabel half = label.weighted(torch.tensor(new float[] {1, 0}).reshape(1, 1, 2));
        Outputs outputs = new Outputs(Map.of(Outputs.LOGITS, student));

        assertThat(LossTerm.squaredDistance(Reduction.ALL).loss(outputs, label).item_float())
                .isCloseTo(0.125f, within(1e-5f));
        assertThat(LossTerm.squaredDistance(Reduction.ALL)
                        .times(1 / 2.0) // the original takes the mean over classes
                        .loss(outputs, label)
                        .item_float())
                .isCloseTo(0.0625f, within(1e-5f));
        Tensor shifted = Fixture.logits(Fixture.a()).add(new Scalar(7.0));
        assertThat(LossTerm.squaredDistance(Reduction.ALL)
                        .loss(new Outputs(Map.of(Outputs.LOGITS, shifted)), argmax(Fixture.a()))
                        .item_float())
                .isCloseTo(0f, within(1e-9f));
        assertThat(LossTerm.softCrossEntropy(Reduction.SELECTED)
                        .loss(outputs, half)
                        .item_float())
                .isCloseTo(0.693147f, within(1e-5f));
        assertThat(LossTerm.softCrossEntropy(Reduction.SELECTED)
                        .times(1 / 2.0) // the authors divide by the number of classes
                        .loss(outputs, half)
                        .item_float())
                .isCloseTo(0.346574f, within(1e-5f));
    }

    @Test
    void dividesByAll_whenThePseudoLabelOfOnePixelIsDropped() {
        PseudoLabel label = PseudoLabel.of(
                        torch.zeros(1, 1, 2).to(torch.ScalarType.Long),
                        torch.ones(1, 1, 2),
                        null,
                        new LabelSource("student", "v1", 1))
                .weighted(torch.tensor(new float[] {1, 0}).reshape(1, 1, 2));
        Outputs even = new Outputs(Map.of(Outputs.LOGITS, torch.zeros(1, 2, 1, 2)));

        assertThat(LossTerm.crossEntropy(Reduction.ALL).loss(even, label).item_float())
                .isCloseTo(0.346574f, within(1e-5f));
        assertThat(LossTerm.crossEntropy(Reduction.SELECTED).loss(even, label).item_float())
                .isCloseTo(0.693147f, within(1e-5f));
    }

    @Test
    void weighsByTrust_whenAnAssistantLearnsTheMostConfident() {
        // every pixel's loss is 1 nat: the logits of the label are ln(1 / (e - 1)) above the other's
        float below = (float) -Math.log(Math.E - 1);
        Tensor logits = torch.tensor(new float[] {below, below, below, below, 0, 0, 0, 0})
                .reshape(1, 2, 2, 2)
                .set_requires_grad(true);
        PseudoLabel label = PseudoLabel.of(
                Fixture.classes(0, 0, 0, 0),
                Fixture.map(.9f, .8f, .6f, .5f),
                null,
                new LabelSource("teacher", "v1", 1));
        PseudoLabel kept = Refinement.mostConfident(0.8).refine(label, START);
        Outputs outputs = new Outputs(Map.of(Outputs.LOGITS, logits));

        assertThat(LossTerm.trustingCrossEntropy().loss(outputs, kept).item_float())
                .isCloseTo(0.841270f, within(1e-5f));
        Tensor nothing = LossTerm.trustingCrossEntropy().loss(outputs, kept.weighted(torch.zeros(1, 2, 2)));
        nothing.backward();
        assertThat(nothing.item_float()).isZero();
        assertThat(Fixture.floats(logits.grad())).containsOnly(0f);
    }

    @Test
    void refusesHardLabels_whenProbabilitiesAreNeeded() {
        PseudoLabel human = PseudoLabel.human(Fixture.classes(0, 1, 2, 255));

        assertThatThrownBy(() -> LossTerm.squaredDistance(Reduction.ALL).loss(Fixture.outputs(Fixture.b()), human))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("soft labels");
    }

    @Test
    void givesNoGradientToTheLabelGiver_whenItsProbabilitiesAreATarget() {
        Tensor giver = Fixture.logits(Fixture.a()).set_requires_grad(true);
        PseudoLabel label = Labeler.argmax()
                .label(List.of(new Outputs(Map.of(Outputs.LOGITS, giver))), new LabelSource("teacher", "v1", 1), START);
        Tensor learner = Fixture.logits(Fixture.b()).set_requires_grad(true);
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
        PseudoLabel label = argmax(Fixture.a());
        PseudoLabel kept = Refinement.confidenceAbove(progress -> 0.8f).refine(label, START);

        assertThat(Fixture.longs(kept.hard())).containsOnly(255);
    }

    private static PseudoLabel argmax(float[] probabilities) {
        return Labeler.argmax()
                .label(List.of(Fixture.outputs(probabilities)), new LabelSource("teacher", "v1", 1), START);
    }

    private static float crossEntropy(Reduction reduction, PseudoLabel label) {
        return LossTerm.crossEntropy(reduction)
                .loss(Fixture.outputs(Fixture.b()), label)
                .item_float();
    }
}
