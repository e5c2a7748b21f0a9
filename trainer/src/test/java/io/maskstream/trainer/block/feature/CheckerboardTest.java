package io.maskstream.trainer.block.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.block.label.EntropyRank;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.Outputs;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.network.Taps;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two pictures woven together; expected numbers by hand. */
class CheckerboardTest {
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
    void takesTheFirst_whereRowAndColumnHaveAnOddSum() {
        Tensor ones = torch.ones(1, 1, 2, 2);
        Tensor zeros = torch.zeros(1, 1, 2, 2);

        assertThat(Fixture.floats(Checkerboard.woven(ones, zeros))).containsExactly(0, 1, 1, 0);
    }

    @Test
    void losesNothing_whenBothWaysOfWeavingAreAdded() {
        Tensor a = torch.rand(2, 3, 5, 4);
        Tensor b = torch.rand(2, 3, 5, 4);

        assertThat(Fixture.floats(Checkerboard.woven(a, a))).isEqualTo(Fixture.floats(a));
        assertThat(Fixture.floats(Checkerboard.woven(a, b).add(Checkerboard.woven(b, a))))
                .containsExactly(Fixture.floats(a.add(b)), within(1e-6f));
    }

    @Test
    void weavesInAboutAsManySteps_asTheChanceSays() {
        Checkerboard board = new Checkerboard(0.6, 7);

        long woven = IntStream.range(0, 2000)
                .filter(step -> board.weaves(new Progress(step, 2000, 1)))
                .count();

        assertThat(woven).isBetween(1120L, 1280L);
        assertThat(new Checkerboard(0, 7).weaves(START)).isFalse();
        assertThat(new Checkerboard(1, 7).weaves(START)).isTrue();
    }

    /** The encoder of a U-Net reads on from what its decoder reads: were that woven for both, every level would bring in one more picture. */
    @Test
    void showsTwoPicturesAndNoOther_whenTheDecoderHasSkipConnections() {
        try (GraphNetwork network = GraphNetwork.of(
                StartingModels.named("unet-small").build(ClassList.of(List.of("a", "b", "c")), 32, 32, 1),
                Device.CPU)) {
            Taps weaving = new Checkerboard(1, 7).weaving().taps(pass(network));
            Tensor batch = torch.rand(4, 3, 32, 32);
            Tensor other = batch.clone();
            other.select(0, 2).fill_(new Scalar(-1));

            Tensor changed = network.forward(batch, weaving)
                    .logits()
                    .sub(network.forward(other, weaving).logits())
                    .abs()
                    .amax(new long[] {1, 2, 3}, false);

            float[] byPicture = Fixture.floats(changed);
            assertThat(byPicture[0]).isZero();
            assertThat(byPicture[1]).isPositive();
            assertThat(byPicture[2]).isPositive();
            assertThat(byPicture[3]).isZero();
        }
    }

    private static Perturbation.Pass pass(GraphNetwork network) {
        return new Perturbation.Pass() {
            @Override
            public Tensor images() {
                throw new UnsupportedOperationException("weaving looks at no picture beforehand");
            }

            @Override
            public SegmentationNetwork learner() {
                return network;
            }

            @Override
            public SegmentationNetwork member(String name) {
                throw new UnsupportedOperationException("weaving asks no other member");
            }

            @Override
            public Progress progress() {
                return START;
            }
        };
    }

    @Test
    void comparesTheSecondHead_withTheNextPicture() {
        PseudoLabel label = PseudoLabel.human(
                torch.tensor(new long[] {0, 0, 0, 0, 1, 1, 1, 1}).reshape(2, 2, 2));
        Tensor sure = torch.tensor(new float[] {9, 0}).reshape(1, 2, 1, 1).expand(1, 2, 2, 2);
        Tensor logits = torch.cat(new org.bytedeco.pytorch.TensorVector(sure.neg(), sure), 0); // class 1, then class 0
        Outputs outputs = new Outputs(Map.of(Outputs.LOGITS, logits));
        LossTerm term = LossTerm.crossEntropy(Reduction.WEIGHT_SUM);

        assertThat(new Checkerboard(1, 7).ofTheSecond(term).loss(outputs, label).item_float())
                .isLessThan(1e-3f);
        assertThat(new Checkerboard(0, 7).ofTheSecond(term).loss(outputs, label).item_float())
                .isCloseTo(9, within(1e-3f));
    }

    @Test
    void isTwiceSelfTraining_whenBothHeadsSayTheSameOfOnePicture() {
        Tensor logits = Fixture.logits(Fixture.b());
        Outputs outputs = new Outputs(Map.of(Outputs.LOGITS, logits, ExtraBranches.logits("second"), logits));
        PseudoLabel label =
                new EntropyRank(0.5).refine(Labeler.mostProbable(logits.softmax(1), LabelSource.HUMAN), START);
        LossTerm term = LossTerm.crossEntropy(Reduction.WEIGHT_SUM);

        float crossed = term.loss(outputs, label).item_float()
                + new Checkerboard(0, 7)
                        .ofTheSecond(term.on("second"))
                        .loss(outputs, label)
                        .item_float();

        assertThat(crossed).isCloseTo(2 * term.loss(outputs, label).item_float(), within(1e-6f));
    }
}
