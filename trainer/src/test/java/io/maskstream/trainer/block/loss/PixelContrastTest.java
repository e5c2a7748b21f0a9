package io.maskstream.trainer.block.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.Reduction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contrast of pixels and the gate of a branch that is kept worse; expected numbers by hand. */
class PixelContrastTest {
    private static final PixelContrast CONTRAST = new PixelContrast("projection", 1, 1, 1, 0.5);

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
    void isSmall_whenClassesLieApart() {
        Tensor embeddings = torch.tensor(new float[] {1, 0, 1, 0, 0, 1, 0, 1}).reshape(4, 2);

        assertThat(CONTRAST.contrast(embeddings, embeddings, torch.tensor(new long[] {0, 0, 1, 1}), 3)
                        .item_float())
                .isCloseTo(0.063464f, within(1e-5f));
    }

    @Test
    void isNothing_whenThereIsOneClassOrNone() {
        Tensor queries = torch.tensor(new float[] {1, 0, 0, 1}).reshape(2, 2).set_requires_grad(true);

        Tensor one = CONTRAST.contrast(queries.detach(), queries, torch.tensor(new long[] {2, 2}), 3);
        Tensor none = CONTRAST.contrast(queries.detach(), queries, torch.tensor(new long[] {255, 255}), 3);
        one.add(none).backward();

        assertThat(one.item_float()).isCloseTo(0, within(1e-6f));
        assertThat(none.item_float()).isZero();
        assertThat(Fixture.floats(queries.grad())).containsExactly(new float[4], within(1e-6f));
    }

    @Test
    void leavesPixelsOut_whenTheyHaveNoLabel() {
        Tensor with =
                torch.tensor(new float[] {1, 0, 1, 0, 0, 1, 0, 1, .6f, .8f}).reshape(5, 2);

        assertThat(CONTRAST.contrast(with, with, torch.tensor(new long[] {0, 0, 1, 1, 255}), 3)
                        .item_float())
                .isCloseTo(0.063464f, within(1e-5f));
    }

    @Test
    void letsABranchLearn_onlyWhileItIsSoMuchWorse() {
        KeptWorse kept = new KeptWorse(LossTerm.crossEntropy(Reduction.SELECTED), "worse-1", 20);
        Tensor own = torch.tensor(new float[] {0.1f});

        assertThat(kept.gated(torch.tensor(new float[] {1.9f}), own).item_float())
                .isZero();
        assertThat(kept.gated(torch.tensor(new float[] {2.0f}), own).item_float())
                .isEqualTo(2.0f);
    }
}
