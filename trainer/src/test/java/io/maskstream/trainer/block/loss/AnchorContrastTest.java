package io.maskstream.trainer.block.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.Lesson;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.WrappedLesson;
import io.maskstream.trainer.network.Outputs;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AnchorContrastTest {
    private PointerScope scope = new PointerScope();

    @BeforeEach
    void open() {
        scope.close();
        scope = new PointerScope();
        torch.manual_seed(5);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void isSmall_whenClassesAreApart() {
        Tensor rows = rows(1, 0, 1, 0, 0, 1, 0, 1);

        assertThat(contrast(rows, 0, 0, 1, 1)).isCloseTo(0.003813f, within(1e-5f));
        assertThat(contrast(rows.mul(new Scalar(7.0)), 0, 0, 1, 1)).isCloseTo(0.003813f, within(1e-5f)); // of length 1
        assertThat(contrast(rows, 0, 1, 0, 1)).isGreaterThan(5);
    }

    @Test
    void isZero_whenEveryClassHasOneView() {
        assertThat(contrast(rows(1, 0, 0, 1), 0, 1)).isZero();
    }

    @Test
    void countsOnlyAnchorsWithPartners_whenAClassHasOneView() {
        Tensor rows = rows(1, 0, 1, 0, 0, 1);
        double ofTwo = Math.log(1 + Math.exp(-1 / 0.15)) * 1.5;

        assertThat(contrast(rows, 0, 0, 1)).isCloseTo((float) ofTwo, within(1e-5f));
    }

    @Test
    void isTheSame_whenClassesAreNamedOtherwise() {
        Tensor rows = torch.randn(6, 4);

        assertThat(contrast(rows, 0, 0, 1, 1, 2, 2)).isCloseTo(contrast(rows, 2, 2, 0, 0, 1, 1), within(1e-6f));
    }

    @Test
    void drawsFromBothSets_andTeachesTheLearnerAlone() {
        Tensor here = torch.randn(2, 4, 5, 6).set_requires_grad(true);
        Tensor there = torch.randn(1, 4, 5, 6).set_requires_grad(true);
        Tensor giver = torch.randn(2, 4, 5, 6).set_requires_grad(true);
        PseudoLabel target = halves(2);

        Tensor loss = new AnchorContrast("embedding", "labelled", 0.15, 4)
                .loss(lesson(here, target, giver, there, halves(1), new AtomicReference<>()));
        loss.backward();

        assertThat(loss.item_float()).isPositive();
        assertThat(here.grad().abs().sum().item_float()).isPositive();
        assertThat(there.grad().abs().sum().item_float()).isPositive();
        assertThat(giver.grad().defined()).isFalse();
        // 4 anchors of 2 classes in an image; no other place learns anything
        assertThat(touched(here.grad())).isEqualTo(16);
        assertThat(touched(there.grad())).isEqualTo(8);
    }

    @Test
    void isZeroWithAGradient_whenNoClassHasEnoughPixels() {
        Tensor here = torch.randn(2, 4, 5, 6).set_requires_grad(true);
        Tensor there = torch.randn(1, 4, 5, 6).set_requires_grad(true);

        Tensor loss = new AnchorContrast("embedding", "labelled", 0.15, 15)
                .loss(lesson(here, halves(2), here.detach(), there, halves(1), new AtomicReference<>()));
        loss.backward();

        assertThat(loss.item_float()).isZero();
        assertThat(here.grad().abs().sum().item_float()).isZero();
    }

    @Test
    void asksForTheAnnotatedImages_byTheirOwnLabels() {
        Tensor here = torch.randn(2, 4, 5, 6);
        AtomicReference<String> asked = new AtomicReference<>();

        Tensor loss = new AnchorContrast("embedding", "labelled", 0.15, 4)
                .loss(lesson(here, halves(2), here, torch.randn(1, 4, 5, 6), halves(1), asked));

        assertThat(loss.item_float()).isFinite();
        assertThat(asked.get()).isEqualTo("labelled by own");
    }

    private static long touched(Tensor gradient) {
        return gradient.abs()
                .sum(new long[] {1}, false, null)
                .gt(new Scalar(0.0))
                .sum()
                .item_long();
    }

    /** The left half of 10x12 pixels is class 0, the right half class 2; what the learner says is class 0 in the upper half. */
    private static PseudoLabel halves(int images) {
        Tensor hard = torch.zeros(images, 10, 12).to(torch.ScalarType.Long);
        var unused = hard.narrow(2, 6, 6).fill_(new Scalar(2));
        return PseudoLabel.human(hard);
    }

    private static Outputs outputs(Tensor embedding) {
        Tensor logits = torch.zeros(embedding.size(0), 3, 10, 12);
        var unused = logits.narrow(1, 0, 1).narrow(2, 0, 5).fill_(new Scalar(1.0));
        unused = logits.narrow(1, 2, 1).narrow(2, 5, 5).fill_(new Scalar(1.0));
        return new Outputs(Map.of(Outputs.LOGITS, logits, "logits.embedding", embedding));
    }

    private static Lesson lesson(
            Tensor here,
            PseudoLabel target,
            Tensor giver,
            Tensor there,
            PseudoLabel own,
            AtomicReference<String> asked) {
        return new WrappedLesson(Lesson.of(outputs(here), target)) {
            @Override
            public Outputs giver(int index) {
                return outputs(giver);
            }

            @Override
            public Lesson also(String input, String target) {
                asked.set(input + " by " + target);
                return Lesson.of(outputs(there), own);
            }

            @Override
            public Tensor carried(Tensor map) {
                return map;
            }
        };
    }

    private static float contrast(Tensor rows, long... classes) {
        return AnchorContrast.contrast(rows, rows, torch.tensor(classes), 0.15).item_float();
    }

    private static Tensor rows(float... values) {
        return torch.tensor(values).reshape(-1, 2);
    }
}
