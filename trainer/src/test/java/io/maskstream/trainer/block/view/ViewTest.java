package io.maskstream.trainer.block.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.view.GeometricView.GeometricPlan;
import io.maskstream.trainer.block.view.GeometricView.Placement;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ViewTest {
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
    void interpolatesAndCrops_whenAnImageIsEnlarged() {
        GeometricPlan plan = new GeometricPlan(List.of(new Placement(2, 1, -1, false)));
        Tensor pixels = torch.arange(new Scalar(16)).to(torch.ScalarType.Float).reshape(1, 1, 4, 4);

        float[] seen = Fixture.floats(plan.images(pixels));

        assertThat(seen[5]).isCloseTo(3.25f, within(1e-4f)); // from PyTorch's grid_sample
        assertThat(seen[14]).isCloseTo(7.75f, within(1e-4f));
        PseudoLabel label = plan.labels(PseudoLabel.human(
                torch.arange(new Scalar(16)).to(torch.ScalarType.Long).reshape(1, 4, 4)));
        assertThat(Fixture.longs(label.hard())).containsExactly(2, 2, 3, 3, 2, 2, 3, 3, 6, 6, 7, 7, 6, 6, 7, 7);
    }

    @Test
    void padsWithGreyThatIsNotValid_whenAnImageIsReduced() {
        GeometricPlan plan = new GeometricPlan(List.of(new Placement(0.5, 0, 0, false)));
        Tensor pixels = torch.zeros(1, 3, 8, 8);
        PseudoLabel label = plan.labels(PseudoLabel.human(torch.zeros(1, 8, 8).to(torch.ScalarType.Long)));

        assertThat(Fixture.floats(plan.images(pixels))[0]).isEqualTo(127.5f);
        assertThat(Fixture.longs(label.hard())[0]).isEqualTo(255);
        assertThat(Fixture.longs(label.hard())[3 * 8 + 3]).isZero();
        assertThat(label.valid().to(torch.ScalarType.Float).sum().item_float()).isEqualTo(16);
        assertThat(label.weight().sum().item_float()).isEqualTo(16);
    }

    @Test
    void isTheIdentity_whenAnImageIsFlippedTwice() {
        GeometricPlan flip = new GeometricPlan(List.of(new Placement(1, 0, 0, true)));
        Tensor pixels = torch.rand(1, 3, 6, 7).mul(new Scalar(255.0));
        Tensor classes = torch.rand(1, 6, 7).mul(new Scalar(5.0)).to(torch.ScalarType.Long);

        Tensor twice = flip.images(flip.images(pixels));
        PseudoLabel label = flip.labels(flip.labels(PseudoLabel.human(classes)));

        assertThat(twice.sub(pixels).abs().max().item_float()).isLessThan(1e-2f);
        assertThat(Fixture.longs(label.hard())).isEqualTo(Fixture.longs(classes));
    }

    @Test
    void keepsImageAndLabelTogether_whenDrawnAtRandom() {
        // each pixel's red value is 20 times its class, in large areas
        Tensor classes = torch.arange(new Scalar(4))
                .repeat_interleave(8)
                .reshape(1, 32, 1)
                .expand(3, 32, 24)
                .to(torch.ScalarType.Long)
                .contiguous();
        Tensor pixels = classes.to(torch.ScalarType.Float)
                .mul(new Scalar(20.0))
                .unsqueeze(1)
                .expand(3, 3, 32, 24);
        View.Plan plan = new GeometricView(0.6, 1.7, 0.5).plan(3, 32, 24, new SplittableRandom(11));

        Tensor red = plan.images(pixels).select(1, 0);
        PseudoLabel label = plan.labels(PseudoLabel.human(classes));

        Tensor expected = label.hard().to(torch.ScalarType.Float).mul(new Scalar(20.0));
        Tensor off = red.sub(expected).abs().gt(new Scalar(10.5)).logical_and(label.valid());
        float share = off.to(torch.ScalarType.Float).sum().item_float()
                / label.valid().to(torch.ScalarType.Float).sum().item_float();
        assertThat(share).isLessThan(0.05f); // only where padding is blended in
    }

    @Test
    void pastesTheNextImage_whenCutMixDrawsABox() {
        CutMix.CutMixPlan plan = new CutMix.CutMixPlan(List.of(new Box(0, 0, 1, 2), Box.NONE));
        Tensor pixels = torch.tensor(new float[] {1, 2}).reshape(2, 1, 1, 1).expand(2, 3, 2, 2);
        PseudoLabel label = PseudoLabel.human(
                torch.tensor(new long[] {1, 2}).reshape(2, 1, 1).expand(2, 2, 2).contiguous());

        assertThat(Fixture.floats(plan.images(pixels).select(1, 0))).containsExactly(2, 2, 1, 1, 2, 2, 2, 2);
        assertThat(Fixture.longs(plan.labels(label).hard())).containsExactly(2, 2, 1, 1, 2, 2, 2, 2);
        assertThat(Fixture.floats(plan.labels(label).weight())).containsOnly(1);
    }

    @Test
    void carriesDroppedPixelsAlong_whenCutMixPastesThem() {
        CutMix.CutMixPlan plan = new CutMix.CutMixPlan(List.of(new Box(0, 0, 1, 1), Box.NONE));
        PseudoLabel label = PseudoLabel.human(
                torch.tensor(new long[] {1, 1, 1, 1, 255, 0, 0, 0}).reshape(2, 2, 2));

        PseudoLabel mixed = plan.labels(label);

        assertThat(Fixture.longs(mixed.hard())).containsExactly(255, 1, 1, 1, 255, 0, 0, 0);
        assertThat(Fixture.floats(mixed.weight())).containsExactly(0, 1, 1, 1, 0, 1, 1, 1);
    }

    @Test
    void hidesTheBox_whenCutOutCoversIt() {
        CutOut.CutOutPlan plan = new CutOut.CutOutPlan(List.of(new Box(1, 0, 1, 2)));
        PseudoLabel label = plan.labels(PseudoLabel.human(Fixture.classes(0, 1, 2, 0)));

        assertThat(Fixture.longs(label.hard())).containsExactly(0, 1, 255, 255);
        assertThat(Fixture.floats(label.valid())).containsExactly(1, 1, 0, 0);
        assertThat(Fixture.floats(plan.images(torch.zeros(1, 1, 2, 2)))).containsExactly(0, 0, 127.5f, 127.5f);
    }

    @Test
    void leavesLabelsAndRange_whenColoursChange() {
        Tensor pixels = torch.rand(4, 3, 16, 12).mul(new Scalar(255.0));
        PseudoLabel label = PseudoLabel.human(torch.zeros(4, 16, 12).to(torch.ScalarType.Long));
        View.Plan plan = new PhotometricView(0.5, 0.5, 0.5, 1, 0.5, 1, 10).plan(4, 16, 12, new SplittableRandom(3));

        Tensor seen = plan.images(pixels);

        assertThat(seen.min().item_float()).isGreaterThanOrEqualTo(0);
        assertThat(seen.max().item_float()).isLessThanOrEqualTo(255);
        assertThat(seen.sub(pixels).abs().max().item_float()).isGreaterThan(1);
        assertThat(plan.labels(label)).isSameAs(label);
        assertThat(plan.images(pixels).sub(seen).abs().max().item_float()).isZero();
    }

    @Test
    void blursWithWeightsOfSumOne_whenAnImageIsFlat() {
        PhotometricView.PhotometricPlan plan = new PhotometricView.PhotometricPlan(
                List.of(new PhotometricView.Change(1, 1, 1, 1.5, 0), new PhotometricView.Change(0.5, 1, 1, 0, 0)), 1);
        Tensor pixels = torch.full(new long[] {2, 3, 9, 9}, new Scalar(100.0));

        float[] seen = Fixture.floats(plan.images(pixels));

        assertThat(seen[0]).isCloseTo(100, within(1e-3f));
        assertThat(seen[3 * 81]).isCloseTo(50, within(1e-3f));
    }

    @Test
    void drawsTheSame_whenTheGeneratorIsTheSame() {
        View view = Views.weak().then(Views.strong()).then(CutMix.USUAL);

        assertThat(view.plan(4, 30, 40, new SplittableRandom(5)))
                .isEqualTo(view.plan(4, 30, 40, new SplittableRandom(5)))
                .isNotEqualTo(view.plan(4, 30, 40, new SplittableRandom(6)));
    }
}
