package io.maskstream.trainer.block.label;

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
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Expected numbers were computed in double precision from the fixture, float32 is compared at 1e-5. */
class PeerLabelsTest {
    private static final Progress START = new Progress(0, 100, 1);
    private static final LabelSource SOURCE = new LabelSource("both", "v1", 1);
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
    void exchangesHardLabels_asInCrossPseudoSupervision() {
        float one = crossEntropy(Fixture.b(), argmax(Fixture.a()));
        float other = crossEntropy(Fixture.a(), argmax(Fixture.b()));

        assertThat(one).isCloseTo(0.792521f, CLOSE);
        assertThat(other).isCloseTo(0.814924f, CLOSE);
        assertThat(one + other).isCloseTo(1.607446f, CLOSE);
        assertThat(2 * crossEntropy(Fixture.a(), argmax(Fixture.a())))
                .isCloseTo((float) (-2 * (2 * Math.log(.8) + Math.log(.55) + Math.log(.75)) / 4), CLOSE);
    }

    @Test
    void sumsEveryPair_whenThereAreThreeNetworks() {
        List<float[]> networks = List.of(Fixture.a(), Fixture.b(), Fixture.d());
        float sum = 0;
        for (float[] giver : networks) {
            for (float[] learner : networks) {
                sum += giver == learner ? 0 : crossEntropy(learner, argmax(giver));
            }
        }

        assertThat(sum).isCloseTo(4.564933f, CLOSE);
        assertThat(sum / 2).isCloseTo(2.282466f, CLOSE);
    }

    @Test
    void votesByEachRule_whereNetworksDiffer() {
        assertThat(Fixture.longs(vote(Labeler.meanProbability()).hard())).containsExactly(0, 1, 2, 2);
        assertThat(Fixture.longs(vote(Votes.byConfidence()).hard())).containsExactly(0, 1, 1, 2);
        assertThat(Fixture.floats(vote(Votes.byConfidence()).confidence()))
                .containsExactly(new float[] {.8f, .7f, .75f, .8f}, CLOSE);
        PseudoLabel majority = vote(Votes.byMajority());
        assertThat(Fixture.longs(majority.hard())).containsExactly(0, 1, 2, 2);
        assertThat(Fixture.floats(majority.confidence())[2]).isCloseTo(2 / 3f, CLOSE);
    }

    @Test
    void learnsOnlyWhereBothAgree_whenItIsConservative() {
        PseudoLabel label = PeerLabels.intersection().label(givers(Fixture.a(), Fixture.b()), SOURCE, START);

        assertThat(Fixture.longs(label.hard())).containsExactly(0, 255, 255, 2);
        assertThat(Fixture.floats(label.confidence())).containsExactly(new float[] {.75f, .575f, .625f, .8f}, CLOSE);
        assertThat(Fixture.floats(label.weight())).containsExactly(new float[] {.75f, 0, 0, .8f}, CLOSE);
        assertThat(weighted(Fixture.a(), label)).isCloseTo(0.086468f, CLOSE);
    }

    @Test
    void takesWhatABranchSaysToo_andNothingWhereTheyContradict() {
        Outputs both = new Outputs(Map.of(
                Outputs.LOGITS,
                Fixture.logits(Fixture.a()),
                ExtraBranches.logits("second"),
                Fixture.logits(Fixture.b())));

        PseudoLabel label = PeerLabels.agreement("second").label(List.of(both), SOURCE, START);

        assertThat(Fixture.longs(label.hard())).containsExactly(0, 255, 255, 2);
        assertThat(Fixture.floats(label.weight())).containsExactly(1, 0, 0, 1);
        assertThat(Fixture.floats(label.confidence())).containsExactly(new float[] {.8f, .55f, .75f, .8f}, CLOSE);
        assertThat(label.probabilities()).isEmpty();
    }

    @Test
    void takesTheClassMoreInDispute_whenItIsProgressive() {
        ClassDispute dispute = new ClassDispute("dispute", 3, 0);
        PseudoLabel label = PeerLabels.union(dispute).label(givers(Fixture.a(), Fixture.b()), SOURCE, START);

        assertThat(dispute.state()).containsExactly(1, 1, 0, 0, 0, 1, 0, 0, 1); // without the diagonal's ones
        assertThat(dispute.shares()).containsExactly(new float[] {.2f, .6f, .2f}, CLOSE);
        assertThat(Fixture.longs(label.hard())).containsExactly(0, 1, 1, 2);
        assertThat(Fixture.floats(label.weight())).containsExactly(new float[] {.75f, .6f, .75f, .8f}, CLOSE);
        assertThat(weighted(Fixture.b(), label)).isCloseTo(0.448059f, CLOSE);
    }

    @Test
    void disputesNothing_whenBothAreOneNetwork() {
        ClassDispute dispute = new ClassDispute("dispute", 3, 0);
        PseudoLabel either = PeerLabels.union(dispute).label(givers(Fixture.a(), Fixture.a()), SOURCE, START);
        PseudoLabel agreed = PeerLabels.intersection().label(givers(Fixture.a(), Fixture.a()), SOURCE, START);

        assertThat(dispute.shares()).containsOnly(0f);
        assertThat(Fixture.longs(either.hard())).isEqualTo(Fixture.longs(agreed.hard()));
    }

    @Test
    void countsNoDisputeInPadding_andRemembersWhatItCounted() {
        ClassDispute dispute = new ClassDispute("dispute", 3, 0.5);
        Labeler union = PeerLabels.union(dispute);
        var unused = union.labelShown(
                givers(Fixture.a(), Fixture.b()), Fixture.classes(1, 1, 0, 0).to(torch.ScalarType.Bool), SOURCE, START);

        assertThat(dispute.state()).containsExactly(.5, .5, 0, 0, 0, 0, 0, 0, 0);
        ClassDispute again = new ClassDispute("dispute", 3, 0.5);
        again.restore(dispute.state());
        assertThat(again.shares()).isEqualTo(dispute.shares());
        assertThatThrownBy(() -> again.restore(new double[] {1})).hasMessageContaining("3 by 3");
    }

    @Test
    void countsAConfidentConflictTwice_andTheRestOnce() {
        LossTerm loss = LossTerm.crossEntropy(Reduction.VALID).times(2);
        PseudoLabel forB = PeerLabels.stressingConflicts(.7, 2).label(givers(Fixture.a(), Fixture.b()), SOURCE, START);
        PseudoLabel forA = PeerLabels.stressingConflicts(.7, 2).label(givers(Fixture.b(), Fixture.a()), SOURCE, START);

        assertThat(Fixture.floats(forB.weight())).containsExactly(.5f, .5f, 1, .5f);
        assertThat(loss.loss(Fixture.outputs(Fixture.b()), forB).item_float()).isCloseTo(1.139095f, CLOSE);
        assertThat(loss.loss(Fixture.outputs(Fixture.a()), forA).item_float()).isCloseTo(0.814924f, CLOSE);
        PseudoLabel plain = PeerLabels.stressingConflicts(.7, 1).label(givers(Fixture.a(), Fixture.b()), SOURCE, START);
        assertThat(Fixture.floats(plain.weight())).containsOnly(1f);
    }

    @Test
    void refusesAThirdGiver_whenTwoAreCompared() {
        assertThatThrownBy(() -> PeerLabels.intersection()
                        .label(
                                List.of(
                                        Fixture.outputs(Fixture.a()),
                                        Fixture.outputs(Fixture.b()),
                                        Fixture.outputs(Fixture.d())),
                                SOURCE,
                                START))
                .hasMessageContaining("two givers");
    }

    private static List<Outputs> givers(float[] first, float[] second) {
        return List.of(Fixture.outputs(first), Fixture.outputs(second));
    }

    private static PseudoLabel vote(Labeler labeler) {
        return labeler.label(
                List.of(Fixture.outputs(Fixture.a()), Fixture.outputs(Fixture.b()), Fixture.outputs(Fixture.d())),
                SOURCE,
                START);
    }

    private static PseudoLabel argmax(float[] giver) {
        return Labeler.argmax().label(List.of(Fixture.outputs(giver)), SOURCE, START);
    }

    private static float crossEntropy(float[] learner, PseudoLabel label) {
        return LossTerm.crossEntropy(Reduction.SELECTED)
                .loss(Fixture.outputs(learner), label)
                .item_float();
    }

    private static float weighted(float[] learner, PseudoLabel label) {
        return LossTerm.crossEntropy(Reduction.VALID)
                .loss(Fixture.outputs(learner), label)
                .item_float();
    }
}
