package io.maskstream.trainer.block.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.block.Fixture;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.label.SteadiedMean;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.network.Taps;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TeacherAdversaryTest {
    private static final double RADIUS = 2;

    private final Map<String, GraphNetwork> networks =
            Map.of("student", network(1), "first", network(2), "second", network(3));
    private PointerScope scope = new PointerScope();
    private Tensor images = new Tensor();

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @BeforeEach
    void open() {
        scope.close();
        scope = new PointerScope();
        torch.manual_seed(9);
        images = torch.randn(3, 3, 32, 48);
    }

    @AfterEach
    void close() {
        scope.close();
        networks.values().forEach(GraphNetwork::close);
    }

    @Test
    void hasTheLengthOfItsRadius_inEveryImage() {
        Tensor clean = member("student").forward(images, Taps.of(Taps.ENCODER)).get(Taps.ENCODER);

        Tensor noise = noise(clean, RADIUS);

        for (long image = 0; image < 3; image++) {
            assertThat(noise.select(0, image).flatten().norm().item_float()).isCloseTo((float) RADIUS, within(1e-4f));
        }
        assertThat(noise.requires_grad()).isFalse();
    }

    @Test
    void confusesTheTeachersMore_thanNoiseOfTheSameLength() {
        Tensor clean = member("student")
                .forward(images, Taps.of(Taps.ENCODER))
                .get(Taps.ENCODER)
                .detach();
        Tensor adversarial = noise(clean, 0.5);
        Tensor random = torch.rand_like(clean).sub(new Scalar(0.5));
        Tensor lengths = random.flatten(1, -1).norm(new org.bytedeco.pytorch.ScalarOptional(new Scalar(2)), 1);
        Tensor even = random.div(lengths.reshape(3, 1, 1, 1)).mul(new Scalar(0.5));

        assertThat(divergence(clean, adversarial)).isGreaterThan(3 * divergence(clean, even));
    }

    @Test
    void leavesNoGradientInTheTeachers_andLetsTheStudentsThrough() {
        Taps taps = new TeacherAdversary(List.of("first", "second"), RADIUS, 0.1).taps(pass());

        member("student").forward(images, taps).logits().square().mean().backward();

        assertThat(member("first").parameters().values())
                .noneMatch(parameter -> parameter.grad().defined());
        assertThat(member("second").parameters().values())
                .noneMatch(parameter -> parameter.grad().defined());
        assertThat(member("student").parameters().values())
                .allMatch(parameter -> parameter.grad().defined());
    }

    @Test
    void disturbsAlsoWithoutAGradient_asWhenABrokenNodeIsLookedFor() {
        try (NoGradGuard guard = new NoGradGuard()) {
            Tensor plain = member("student").forward(images).logits();
            Tensor disturbed = member("student")
                    .forward(images, new TeacherAdversary(List.of("first"), RADIUS, 0.1).taps(pass()))
                    .logits();

            assertThat(disturbed.sub(plain).abs().max().item_float()).isGreaterThan(1e-4f);
        }
    }

    @Test
    void changesNothing_whenTheRadiusIsZero() {
        Tensor plain = member("student").forward(images).logits();
        Tensor disturbed = member("student")
                .forward(images, new TeacherAdversary(List.of("first"), 0, 0.1).taps(pass()))
                .logits();

        assertThat(Fixture.floats(disturbed)).isEqualTo(Fixture.floats(plain));
    }

    @Test
    void keepsTheRestingTeachersTopScores_andTakesTheOthersFromTheOther() {
        Labeler steadied = new SteadiedMean(1, 0.5, 0);
        PseudoLabel label = steadied.label(
                List.of(Fixture.outputs(Fixture.a()), Fixture.outputs(Fixture.b())),
                new LabelSource("teachers", "v1", 1),
                new Progress(0, 10, 1)); // the first learns, the second rests
        double[] pixel = {Math.sqrt(.55 * .55), Math.sqrt(.40 * .60), .05}; // of the second its class 1 alone

        assertThat(Fixture.longs(label.hard())).containsExactly(0, 0, 1, 2);
        assertThat(Fixture.floats(label.confidence())[1])
                .isCloseTo((float) (pixel[0] / (pixel[0] + pixel[1] + pixel[2])), within(1e-5f));
        assertThatThrownBy(() -> steadied.label(
                        List.of(Fixture.outputs(Fixture.a())), LabelSource.HUMAN, new Progress(0, 10, 1)))
                .hasMessageContaining("two teachers");
    }

    @Test
    void isTheMeanScore_whenAllScoresCount() {
        PseudoLabel label = new SteadiedMean(7, 0.5, 0)
                .label(
                        List.of(Fixture.outputs(Fixture.a()), Fixture.outputs(Fixture.b())),
                        new LabelSource("teachers", "v1", 1),
                        new Progress(7, 10, 1));

        assertThat(Fixture.longs(label.hard())).containsExactly(0, 1, 1, 2);
        assertThat(Fixture.floats(label.confidence()))
                .containsExactly(new float[] {.756079f, .506716f, .500600f, .805489f}, within(1e-5f));
    }

    private Tensor noise(Tensor clean, double radius) {
        Taps taps = new TeacherAdversary(List.of("first", "second"), radius, 0.1).taps(pass());
        Tensor disturbed =
                Objects.requireNonNull(taps.changes().get(Taps.ENCODER)).apply(clean);
        return disturbed.sub(clean).detach();
    }

    private double divergence(Tensor clean, Tensor noise) {
        try (NoGradGuard guard = new NoGradGuard()) {
            Tensor usual = joined(clean);
            Tensor moved = joined(clean.add(noise));
            return usual.exp().mul(usual.sub(moved)).sum().item_double();
        }
    }

    private Tensor joined(Tensor features) {
        Taps first = Taps.changing(Taps.ENCODER, own -> features.mul(new Scalar(1.0)));
        return member("first")
                .forward(images, first)
                .logits()
                .add(member("second").forward(images, first).logits())
                .div(new Scalar(2.0))
                .log_softmax(1);
    }

    private SegmentationNetwork member(String name) {
        return Objects.requireNonNull(networks.get(name));
    }

    private Perturbation.Pass pass() {
        return new Perturbation.Pass() {
            @Override
            public Tensor images() {
                return images;
            }

            @Override
            public SegmentationNetwork learner() {
                return TeacherAdversaryTest.this.member("student");
            }

            @Override
            public SegmentationNetwork member(String name) {
                return TeacherAdversaryTest.this.member(name);
            }

            @Override
            public Progress progress() {
                return new Progress(0, 10, 1);
            }
        };
    }

    private static GraphNetwork network(int seed) {
        return GraphNetwork.of(
                StartingModels.named("light").build(ClassList.of(List.of("sky", "road", "car")), 32, 48, seed),
                Device.CPU);
    }
}
