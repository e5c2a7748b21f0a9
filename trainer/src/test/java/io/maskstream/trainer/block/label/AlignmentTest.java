package io.maskstream.trainer.block.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.Labeler;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.List;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class AlignmentTest {
    private static final Progress START = new Progress(0, 10, 1);
    private static final Offset<Float> CLOSE = within(1e-5f);

    @Test
    void givesARareClassItsShare_whenTheLabelsStarveIt() {
        Alignment alignment = new Alignment("test", List.of(0.5, 0.5), 1);

        PseudoLabel aligned = alignment.refine(label(.8f, .6f), START); // mean (.7, .3), factors (.714286, 1.666667)

        assertThat(ImageTensors.toFloats(aligned.probabilities().orElseThrow()))
                .containsExactly(new float[] {.631579f, .391304f, .368421f, .608696f}, CLOSE);
        assertThat(ImageTensors.toFloats(aligned.hard())).containsExactly(0, 1);
        assertThat(ImageTensors.toFloats(aligned.confidence()))
                .containsExactly(new float[] {.631579f, .608696f}, CLOSE);
    }

    @Test
    void changesNothing_whenSharesAreAnnotatedOnesOrStrengthIsNone() {
        assertThat(ImageTensors.toFloats(new Alignment("a", List.of(0.7, 0.3), 1)
                        .refine(label(.8f, .6f), START)
                        .confidence()))
                .containsExactly(new float[] {.8f, .6f}, CLOSE);
        assertThat(ImageTensors.toFloats(new Alignment("a", List.of(0.1, 0.9), 0)
                        .refine(label(.8f, .6f), START)
                        .confidence()))
                .containsExactly(new float[] {.8f, .6f}, CLOSE);
    }

    @Test
    void leavesWhatHasNoLabelOrNoProbabilities() {
        Alignment alignment = new Alignment("test", List.of(0.5, 0.5), 1);
        PseudoLabel label = label(.8f, .6f);
        PseudoLabel hidden =
                label.hiding(torch.tensor(new long[] {0, 1}).reshape(1, 1, 2).to(torch.ScalarType.Bool));

        PseudoLabel aligned = alignment.refine(hidden, START);

        assertThat(ImageTensors.toFloats(aligned.hard()))
                .containsExactly(0, 255); // mean of the shown pixel alone, (.8, .2)
        assertThat(ImageTensors.toFloats(aligned.confidence())).containsExactly(new float[] {.5f, 0}, CLOSE);
        PseudoLabel human = PseudoLabel.human(label.hard());
        assertThat(alignment.refine(human, START)).isSameAs(human);
    }

    @Test
    void goesOnWhereItWas_whenItsStateIsRestored() {
        Alignment first = new Alignment("test", List.of(0.5, 0.5), 1);
        PseudoLabel unused = first.refine(label(.8f, .6f), START);
        Alignment second = new Alignment("test", List.of(0.5, 0.5), 1);
        second.restore(first.state());

        assertThat(second.factors()).containsExactly(first.factors());
        assertThat(second.factors()).containsExactly(new float[] {.714286f, 1.666667f}, CLOSE);
        assertThatThrownBy(() -> second.restore(new double[2])).hasMessageContaining("3 numbers");
    }

    /** Two pixels of two classes; the values are the probabilities of the first. */
    private static PseudoLabel label(float one, float other) {
        Tensor soft = torch.tensor(new float[] {one, other, 1 - one, 1 - other}).reshape(1, 2, 1, 2);
        return Labeler.mostProbable(soft, new LabelSource("teacher", "", 1));
    }
}
