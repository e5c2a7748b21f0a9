package io.maskstream.trainer.block.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.Paste;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.View;
import io.maskstream.trainer.block.label.ClassConfidence;
import io.maskstream.trainer.block.view.ThreeBoxes.ThreeBoxesPlan;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What of other pictures shows in a picture: three boxes of the next, or a class that is needed. */
class ClassPasteTest {
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
    void bringsPixelsAndLabelsOfOneClass_andWhatNobodySaidIsZero() {
        PseudoLabel donor = PseudoLabel.human(Fixture.classes(2, 2, 255, 2));
        PseudoLabel receiver = Labeler.argmax()
                .label(
                        List.of(Fixture.outputs(Fixture.a())),
                        new LabelSource("student", "v1", 1),
                        new Progress(0, 1, 1));
        Tensor pixels = torch.zeros(1, 3, 2, 2);

        View.Plan plan = new ClassPaste(confidence(.5, .5, .5), 1)
                .plan(pixels, new Paste.Donors(torch.ones(1, 3, 2, 2), donor), new SplittableRandom(1));
        PseudoLabel label = plan.labels(receiver);

        assertThat(Fixture.floats(plan.images(pixels).select(1, 0))).containsExactly(1, 1, 0, 1);
        assertThat(Fixture.longs(label.hard())).containsExactly(2, 2, 1, 2);
        assertThat(Fixture.floats(label.confidence())).containsExactly(new float[] {1, 1, .75f, 1}, within(1e-6f));
        assertThat(Fixture.floats(label.probabilities().orElseThrow().sum(new long[] {1}, false, null)))
                .containsExactly(new float[] {0, 0, 1, 0}, within(1e-6f));
        assertThat(Fixture.floats(plan.maps(torch.ones(1, 1, 2, 2)))).containsExactly(0, 0, 1, 0);
    }

    @Test
    void bringsWhatIsNeededMoreOften_andOnlyWhatTheDonorHas() {
        PseudoLabel donor = PseudoLabel.human(Fixture.classes(0, 1, 255, 0));
        Tensor pixels = torch.zeros(2000, 3, 2, 2);
        ClassPaste paste = new ClassPaste(confidence(1, .25, 0), 0.5);

        View.Plan plan = paste.plan(pixels, new Paste.Donors(torch.ones(1, 3, 2, 2), donor), new SplittableRandom(3));
        Tensor seen = plan.images(pixels).select(1, 0);
        double first = seen.select(1, 0).select(1, 0).mean().item_float();
        double second = seen.select(1, 0).select(1, 1).mean().item_float();

        assertThat(first + second).isCloseTo(0.5, within(0.04));
        assertThat(second / first).isCloseTo(Math.exp(Math.sqrt(.75)), within(0.35));
        assertThat(seen.select(1, 1).select(1, 0).sum().item_float()).isZero();
    }

    @Test
    void bringsNothing_whenTheDonorHasNoLabel() {
        PseudoLabel donor = PseudoLabel.human(Fixture.classes(255, 255, 255, 255));
        Tensor pixels = torch.zeros(2, 3, 2, 2);

        View.Plan plan = new ClassPaste(confidence(0, 0, 0), 1)
                .plan(pixels, new Paste.Donors(torch.ones(1, 3, 2, 2), donor), new SplittableRandom(1));

        assertThat(plan.images(pixels).sum().item_float()).isZero();
    }

    @Test
    void showsTheImageItself_whereTwoBoxesOverlap() {
        ThreeBoxesPlan plan = new ThreeBoxesPlan(List.of(
                List.of(new Box(0, 0, 1, 2), Box.NONE),
                List.of(new Box(0, 1, 2, 1), Box.NONE),
                List.of(Box.NONE, Box.NONE)));
        Tensor pixels = torch.arange(new Scalar(8)).to(torch.ScalarType.Float).reshape(2, 1, 2, 2);
        PseudoLabel label = plan.labels(PseudoLabel.human(
                torch.arange(new Scalar(8)).to(torch.ScalarType.Long).reshape(2, 2, 2)));

        assertThat(Fixture.floats(plan.images(pixels))).containsExactly(4, 1, 2, 7, 4, 5, 6, 7);
        assertThat(Fixture.longs(label.hard())).containsExactly(4, 1, 2, 7, 4, 5, 6, 7);
    }

    @Test
    void coversATwelfthToASixthByEachBox_insideTheImage() {
        ThreeBoxesPlan plan = new ThreeBoxes().plan(50, 120, 160, new SplittableRandom(4));

        assertThat(plan.boxes())
                .hasSize(3)
                .allSatisfy(boxes -> assertThat(boxes).hasSize(50).allSatisfy(box -> {
                    assertThat(box.height() * box.width() / (120.0 * 160)).isBetween(1 / 12.6, 1 / 5.7);
                    assertThat(box.top() + box.height()).isLessThanOrEqualTo(120);
                    assertThat(box.left() + box.width()).isLessThanOrEqualTo(160);
                }));
        assertThat(plan).isEqualTo(new ThreeBoxes().plan(50, 120, 160, new SplittableRandom(4)));
        assertThat(plan.partners()).startsWith(1, 2).endsWith(49, 0);
    }

    private static ClassConfidence confidence(double... values) {
        ClassConfidence confidence = new ClassConfidence("confidence", values.length, .99);
        double[] state = new double[2 * values.length];
        System.arraycopy(values, 0, state, 0, values.length);
        confidence.restore(state);
        return confidence;
    }
}
