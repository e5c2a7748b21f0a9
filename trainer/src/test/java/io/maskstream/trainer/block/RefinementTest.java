package io.maskstream.trainer.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.label.ClassThresholds;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Numbers by hand from the definitions of the methods; float32 is compared at 1e-5. */
class RefinementTest {
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
    void interpolatesThePercentile_andDropsWhatIsNotAbove() {
        PseudoLabel kept = Refinement.mostConfident(0.8).refine(label(.9f, .8f, .6f, .5f), START); // limit .56

        assertThat(Fixture.longs(kept.hard())).containsExactly(0, 1, 2, 255);
        PseudoLabel padded =
                label(.9f, .8f, .6f, .5f).hiding(Fixture.classes(0, 0, 0, 1).to(torch.ScalarType.Bool));
        assertThat(Fixture.longs(
                        Refinement.mostConfident(0.8).refine(padded, START).hard()))
                .containsExactly(0, 1, 255, 255); // limit .68 of the three that are left
    }

    @Test
    void leavesAnEmptyLabelAlone_whenThePercentileHasNoPixels() {
        PseudoLabel nothing = label(.9f, .8f, .6f, .5f).weighted(torch.zeros(1, 2, 2));

        assertThat(Fixture.longs(
                        Refinement.mostConfident(0.8).refine(nothing, START).hard()))
                .containsOnly(255);
    }

    @Test
    void weighsByConfidence_andSplitsTheReductions() {
        PseudoLabel label = Refinement.byConfidence()
                .refine(
                        Refinement.confidenceAtLeast(Schedule.constant(0.6))
                                .refine(
                                        Labeler.meanLogits()
                                                .label(
                                                        List.of(
                                                                Fixture.outputs(Fixture.a()),
                                                                Fixture.outputs(Fixture.b())),
                                                        new LabelSource("teachers", "v1", 1),
                                                        START),
                                        START),
                        START);

        assertThat(Fixture.longs(label.hard())).containsExactly(0, 255, 255, 2);
        assertThat(Fixture.floats(label.confidence()))
                .containsExactly(new float[] {.756079f, .506716f, .500600f, .805489f}, within(1e-5f));
        assertThat(loss(Reduction.SELECTED, label)).isCloseTo(.562143f, within(1e-5f));
        assertThat(loss(Reduction.ALL, label)).isCloseTo(.281072f, within(1e-5f));
    }

    @Test
    void weighsAllAlike_byTheShareThatIsConfident() {
        PseudoLabel label = Refinement.byConfidentShare(Schedule.constant(0.6))
                .refine(
                        label(.9f, .8f, .6f, .5f)
                                .hiding(Fixture.classes(0, 0, 0, 0).to(torch.ScalarType.Bool)),
                        START);

        assertThat(Fixture.floats(label.weight())).containsOnly(0.75f);
        assertThat(Fixture.longs(Refinement.byConfidentShare(Schedule.constant(0.95))
                        .refine(label, START)
                        .hard()))
                .containsOnly(255);
    }

    @Test
    void followsEachClassQuantile_andKeepsAbsentClasses() {
        ClassThresholds thresholds = new ClassThresholds("thresholds", 3, 0.8, 0);
        Tensor confidence =
                torch.tensor(new float[] {.9f, .95f, .6f, .7f, .8f, .99f}).reshape(1, 2, 3);
        Tensor hard = torch.tensor(new long[] {1, 1, 1, 1, 1, 2}).reshape(1, 2, 3);
        PseudoLabel label = PseudoLabel.of(hard, confidence, null, new LabelSource("teacher", "v1", 1));

        PseudoLabel kept = thresholds.refine(label, START);

        assertThat(thresholds.state()[0]).isEqualTo(0.9);
        assertThat(thresholds.state()[1]).isCloseTo(0.87, within(1e-6));
        assertThat(thresholds.state()[2]).isCloseTo(0.909, within(1e-6));
        assertThat(Fixture.longs(kept.hard())).containsExactly(1, 1, 255, 255, 255, 2);
    }

    @Test
    void takesTheLeastConfident_whenAllOfAClassIsKept() {
        ClassThresholds all = new ClassThresholds("all", 2, 1, 0);
        ClassThresholds best = new ClassThresholds("best", 2, 0, 0);
        PseudoLabel label = PseudoLabel.of(
                Fixture.classes(0, 0, 0, 0),
                Fixture.map(.9f, .8f, .6f, .5f),
                null,
                new LabelSource("teacher", "v1", 1));

        all.refine(label, START);
        best.refine(label, START);

        assertThat(all.state()[0]).isCloseTo(0.9 * 0.9 + 0.1 * 0.5, within(1e-6));
        assertThat(best.state()[0]).isCloseTo(0.9, within(1e-6));
    }

    @Test
    void goesOnWhereItWas_whenThresholdsAreRestored() {
        ClassThresholds thresholds = new ClassThresholds("thresholds", 3, 0.8, 0);
        thresholds.refine(label(.9f, .8f, .6f, .5f), START);
        ClassThresholds again = new ClassThresholds("thresholds", 3, 0.8, 0);

        again.restore(thresholds.state());

        assertThat(again.state()).isEqualTo(thresholds.state());
        assertThatThrownBy(() -> again.restore(new double[2])).hasMessageContaining("3 classes");
    }

    @Test
    void comparesWithTheClass_whenThresholdsAreATable() {
        PseudoLabel kept = ClassThresholds.fixed(List.of(0.95, 0.8, 0.6)).refine(label(.9f, .8f, .6f, .5f), START);

        assertThat(Fixture.longs(kept.hard())).containsExactly(255, 1, 2, 255);
        PseudoLabel alike = ClassThresholds.fixed(List.of(0.8, 0.8, 0.8)).refine(label(.9f, .8f, .6f, .5f), START);
        PseudoLabel global =
                Refinement.confidenceAtLeast(Schedule.constant(0.8f)).refine(label(.9f, .8f, .6f, .5f), START);
        assertThat(Fixture.longs(alike.hard())).isEqualTo(Fixture.longs(global.hard()));
    }

    @Test
    void neverRevivesADroppedPixel_whateverTheFilter() {
        PseudoLabel dropped = label(.9f, .8f, .6f, .5f).weighted(Fixture.map(0, 1, 1, 1));
        List<Refinement> filters = List.of(
                Refinement.mostConfident(1),
                Refinement.byConfidence(),
                Refinement.byConfidentShare(Schedule.constant(0)),
                new ClassThresholds("thresholds", 3, 1, 0),
                ClassThresholds.fixed(List.of(0.0, 0.0, 0.0)));

        assertThat(filters).allSatisfy(filter -> {
            PseudoLabel kept = filter.refine(dropped, START);
            assertThat(filter.toString()).doesNotContain("Lambda");
            assertThat(Fixture.longs(kept.hard())[0]).isEqualTo(255);
            float[] weights = Fixture.floats(kept.weight());
            long[] classes = Fixture.longs(kept.hard());
            assertThat(IntStream.range(0, 4).allMatch(i -> (weights[i] == 0) == (classes[i] == 255)))
                    .isTrue();
        });
    }

    private static PseudoLabel label(float... confidence) {
        return PseudoLabel.of(
                Fixture.classes(0, 1, 2, 0), Fixture.map(confidence), null, new LabelSource("teacher", "v1", 1));
    }

    private static float loss(Reduction reduction, PseudoLabel label) {
        return LossTerm.crossEntropy(reduction)
                .loss(Fixture.outputs(Fixture.d()), label)
                .item_float();
    }
}
