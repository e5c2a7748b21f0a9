package io.maskstream.trainer.block.auxiliary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.zoo.MapNetwork;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Reduction;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.Outputs;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What auxiliary networks learn and do to labels; expected numbers by hand. */
class AuxiliaryNetworksTest {
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
    void weighsOneErrorAsThreeRightPixels_whenItCannotTell() {
        Tensor loss = ErrorLocalisation.rightness(
                torch.zeros(1, 2, 2), classes(0, 1, 1, 0), PseudoLabel.human(classes(0, 1, 1, 1)));

        assertThat(loss.item_float()).isCloseTo(1.039721f, within(1e-5f));
    }

    @Test
    void countsPixelsWithoutAnnotation_forNothing() {
        Tensor scores = torch.zeros(1, 2, 2).set_requires_grad(true);

        Tensor noErrors =
                ErrorLocalisation.rightness(scores, classes(0, 1, 1, 0), PseudoLabel.human(classes(0, 1, 255, 255)));
        Tensor nothing = ErrorLocalisation.rightness(
                scores, classes(0, 1, 1, 0), PseudoLabel.human(classes(255, 255, 255, 255)));
        nothing.backward();

        assertThat(noErrors.item_float()).isCloseTo(0.693147f, within(1e-5f));
        assertThat(nothing.item_float()).isZero();
        assertThat(ImageTensors.toFloats(scores.grad())).containsOnly(0f);
    }

    @Test
    void dropsAPixel_whenItsScoreIsNotAboveNothing() {
        Outputs said = outputs(1, 2, 1, 3, 4, 1, 2, 1); // classes 1, 0, 1, 0
        Outputs judged = new Outputs(Map.of(
                Outputs.LOGITS, torch.tensor(new float[] {1e-3f, 0, -1, 5}).reshape(1, 1, 2, 2)));

        PseudoLabel label = ErrorLocalisation.believed().label(List.of(said, judged), LabelSource.HUMAN, START);

        assertThat(longs(label.hard())).containsExactly(1, 255, 255, 0);
        assertThat(ImageTensors.toFloats(label.weight())).containsExactly(1, 0, 0, 1);
    }

    @Test
    void flipsTheClass_whenTheCorrectionIsLargeEnough() {
        Tensor probabilities = pixel(.55f, .45f);

        assertThat(ImageTensors.toFloats(ResidualCorrection.corrected(probabilities, pixel(-.2f, .2f))))
                .containsExactly(new float[] {.35f, .65f}, within(1e-6f));
        assertThat(ImageTensors.toFloats(ResidualCorrection.corrected(pixel(.6f, .4f), pixel(.4f, -.4f))))
                .containsExactly(new float[] {1, 0}, within(1e-6f));
        Outputs said = new Outputs(Map.of(Outputs.LOGITS, probabilities.log()));
        Outputs correction = new Outputs(Map.of(Outputs.LOGITS, pixel(-.2f, .2f)));
        PseudoLabel label = ResidualCorrection.corrected().label(List.of(said, correction), LabelSource.HUMAN, START);
        assertThat(longs(label.hard())).containsExactly(1);
        assertThat(label.confidence().item_float()).isCloseTo(.65f, within(1e-6f));
    }

    @Test
    void isTheMeanDistance_whenNothingIsCorrected() {
        Tensor residual =
                ResidualCorrection.residual(pixel(.6f, .4f), classes(0).reshape(1, 1, 1));

        assertThat(ImageTensors.toFloats(residual)).containsExactly(new float[] {.4f, -.4f}, within(1e-6f));
        Tensor distance = residual.abs().mean(new long[] {1}, false, null);
        assertThat(Reduction.SELECTED
                        .reduce(
                                distance,
                                PseudoLabel.human(torch.zeros_like(distance).to(torch.ScalarType.Long)))
                        .item_float())
                .isCloseTo(0.4f, within(1e-6f));
    }

    @Test
    void sumsToNothing_overTheClasses() {
        Tensor probabilities = torch.rand(2, 5, 3, 4).softmax(1);
        Tensor hard = torch.randint(5, new long[] {2, 3, 4}).to(torch.ScalarType.Long);

        Tensor sums = ResidualCorrection.residual(probabilities, hard).sum(new long[] {1}, false, null);

        assertThat(ImageTensors.toFloats(sums)).containsExactly(new float[24], within(1e-6f));
    }

    @Test
    void correctsNothing_beforeItHasLearned() {
        try (GraphNetwork network =
                GraphNetwork.of(MapNetwork.build("r", 5, 2, 4, MapNetwork.Ending.BOUNDED, 3), Device.CPU)) {
            Outputs outputs = network.forward(torch.rand(2, 5, 13, 18));

            assertThat(outputs.logits().shape()).containsExactly(2, 2, 13, 18);
            assertThat(ImageTensors.toFloats(outputs.logits())).containsOnly(0f);
        }
    }

    private static Tensor classes(long... values) {
        int side = values.length == 4 ? 2 : 1;
        return torch.tensor(values).reshape(1, side, side);
    }

    private static Tensor pixel(float... values) {
        return torch.tensor(values).reshape(1, values.length, 1, 1);
    }

    /** Class scores of two classes on four pixels, all of the first class before those of the second. */
    private static Outputs outputs(float... scores) {
        return new Outputs(Map.of(Outputs.LOGITS, torch.tensor(scores).reshape(1, 2, 2, 2)));
    }

    private static long[] longs(Tensor tensor) {
        long[] values = new long[Math.toIntExact(tensor.numel())];
        tensor.contiguous().data_ptr_long().get(values);
        return values;
    }
}
