package io.maskstream.trainer.block.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.Paste;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MixerTest {
    private static final int HEIGHT = 60;
    private static final int WIDTH = 90;

    private final SplittableRandom random = new SplittableRandom(3);
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
    void takesHalfTheArea_whenTheRuleIsHalf() {
        for (Box box : draw(BoxRule.half())) {
            assertThat(box.height() * box.width() / (double) (HEIGHT * WIDTH)).isCloseTo(0.5, within(0.02));
            assertThat(box.width()).isBetween(WIDTH / 2, WIDTH - 1);
        }
    }

    @Test
    void takesTwoThirdsOfEachSide_whenTheRuleIsASide() {
        assertThat(draw(BoxRule.side(2 / 3.0))).allSatisfy(box -> {
            assertThat(box.height()).isEqualTo(40);
            assertThat(box.width()).isEqualTo(60);
        });
        assertThat(new HashSet<>(draw(BoxRule.side(2 / 3.0)))).hasSizeGreaterThan(50);
    }

    @Test
    void cutsAtTheEdge_whenTheRuleIsBeta() {
        List<Box> boxes = draw(BoxRule.beta(4, 4));

        double largest = boxes.stream().mapToInt(Box::width).max().orElseThrow() / (double) WIDTH;
        assertThat(largest).isBetween(0.8, 0.96); // the root of 1 - Beta(4, 4), uncut
        assertThat(boxes).anySatisfy(box -> assertThat(box.left() + box.width()).isEqualTo(WIDTH));
        assertThat(boxes).allSatisfy(box -> assertThat(box.top() + box.height()).isLessThanOrEqualTo(HEIGHT));
    }

    @Test
    void hasTheMeanOfItsDistribution_whenTheRuleIsBeta() {
        double mean = draw(BoxRule.beta(8, 2)).stream()
                .filter(box -> box.left() > 0 && box.left() + box.width() < WIDTH)
                .mapToDouble(box -> Math.pow(box.width() / (double) WIDTH, 2))
                .average()
                .orElseThrow();

        assertThat(mean).isCloseTo(0.2, within(0.05)); // 1 - 8 / (8 + 2)
    }

    @Test
    void fits_whateverTheImage() {
        List<BoxRule> rules =
                List.of(BoxRule.half(), BoxRule.beta(4, 4), BoxRule.side(2 / 3.0), BoxRule.area(0.02, 0.4));
        for (BoxRule rule : rules) {
            assertThat(rule.toString()).doesNotContain("Lambda");
            for (int height = 1; height < 8; height++) {
                for (int width = 1; width < 8; width++) {
                    Box box = rule.draw(height, width, random);
                    assertThat(box.top() + box.height()).isLessThanOrEqualTo(height);
                    assertThat(box.left() + box.width()).isLessThanOrEqualTo(width);
                }
            }
        }
    }

    @Test
    void mixesTheBatchOrNone_whenTheChanceIsTheBatchs() {
        CutMix mix = new CutMix(0.5, BoxRule.half(), CutMix.Drawn.BOX_FOR_EACH_IMAGE, CutMix.Partner.NEXT);
        Set<Integer> mixed = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            List<Box> boxes = mix.plan(4, HEIGHT, WIDTH, random).boxes();
            mixed.add((int) boxes.stream().filter(box -> !box.equals(Box.NONE)).count());
        }

        assertThat(mixed).containsExactlyInAnyOrder(0, 4);
    }

    @Test
    void showsEveryPixelOnce_whenTheBatchSharesABox() {
        CutMix mix = new CutMix(1, BoxRule.half(), CutMix.Drawn.FOR_THE_BATCH, CutMix.Partner.ANOTHER);
        Tensor pixels = torch.arange(new Scalar(4 * 3 * 8 * 10))
                .to(torch.ScalarType.Float)
                .reshape(4, 3, 8, 10);
        CutMix.CutMixPlan plan = mix.plan(4, 8, 10, random);

        float[] seen = Fixture.floats(plan.images(pixels).flatten().sort().get0());

        assertThat(Set.copyOf(plan.boxes())).hasSize(1);
        assertThat(seen).isEqualTo(Fixture.floats(pixels.flatten()));
    }

    @Test
    void neverTakesTheImageItself_whenAnotherIsThePartner() {
        Set<Integer> shifts = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            shifts.add(CutMix.USUAL.withAnother().plan(4, HEIGHT, WIDTH, random).shift());
        }

        assertThat(shifts).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(CutMix.USUAL.withAnother().plan(1, HEIGHT, WIDTH, random).partners())
                .containsExactly(0);
    }

    @Test
    void carriesWholeObjects_whenClassesAreMixed() {
        PseudoLabel labels = PseudoLabel.human(
                torch.tensor(new long[] {0, 0, 1, 1, 2, 2, 3, 3, 0, 1, 2, 255}).reshape(3, 2, 2));
        Tensor pixels =
                torch.tensor(new float[] {10, 20, 30}).reshape(3, 1, 1, 1).expand(3, 3, 2, 2);
        List<Integer> pasted = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            View.Plan plan = ClassMix.nextImages().plan(pixels, new Paste.Donors(pixels, labels), random);
            float[] seen = Fixture.floats(plan.images(pixels).select(1, 0));
            long[] classes = Fixture.longs(plan.labels(labels).hard());
            boolean two = seen[0] == 20;
            pasted.add(two ? 2 : 3);
            // of the second image's two classes one comes whole, with its label, and nothing else does
            assertThat(seen).startsWith(two ? new float[] {20, 20, 10, 10} : new float[] {10, 10, 20, 20});
            assertThat(classes).startsWith(two ? new long[] {2, 2, 1, 1} : new long[] {0, 0, 3, 3});
            assertThat(Collections.frequency(asList(seen, 4, 8), 30f)).isEqualTo(1); // one of three classes
            assertThat(seen[7]).isEqualTo(20); // what has no class is no donor
        }
        assertThat(pasted).contains(2, 3);
    }

    @Test
    void marksNothing_whenTheDonorHasOneClass() {
        PseudoLabel labels = PseudoLabel.human(torch.zeros(2, 2, 2).to(torch.ScalarType.Long));
        Tensor pixels = torch.tensor(new float[] {10, 20}).reshape(2, 1, 1, 1).expand(2, 3, 2, 2);

        View.Plan plan = ClassMix.nextImages().plan(pixels, new Paste.Donors(pixels, labels), random);

        assertThat(Fixture.floats(plan.images(pixels))).isEqualTo(Fixture.floats(pixels));
    }

    private static List<Float> asList(float[] values, int from, int to) {
        List<Float> list = new ArrayList<>();
        for (int i = from; i < to; i++) {
            list.add(values[i]);
        }
        return list;
    }

    private List<Box> draw(BoxRule rule) {
        List<Box> boxes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            boxes.add(rule.draw(HEIGHT, WIDTH, random));
        }
        return boxes;
    }
}
