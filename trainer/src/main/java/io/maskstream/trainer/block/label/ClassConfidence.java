package io.maskstream.trainer.block.label;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.Bank;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.libtorch.ImageTensors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * How sure a learner is of each class where people say it is: a moving average of the mean probability of the true class, of batches in
 * which the class is. AEL, Hu et al., NeurIPS 2021.
 *
 * <p>Departures: a class that a batch lacks stays as it is, where the authors pull it to 0; and the first batches weigh more, so that the
 * number means something from the start.
 */
public final class ClassConfidence implements Bank {
    private final String name;
    private final double memory;
    private final double[] means;
    private final double[] batches;

    /**
     * @param memory the decay of the average a batch, in [0, 1)
     */
    public ClassConfidence(String name, int classes, double memory) {
        this.name = name;
        this.memory = memory;
        this.means = new double[classes];
        this.batches = new double[classes];
    }

    /** Returns a loss that lets this see each of its lessons, whose target should be people's. */
    public LossTerm observing(LossTerm term) {
        return LossTerm.named(term + ", watched by " + name, lesson -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                observe(lesson.learner().logits().detach(), lesson.target().hard());
            }
            return term.loss(lesson);
        });
    }

    void observe(Tensor logits, Tensor hard) {
        Tensor labelled = hard.ne(new Scalar(Mask.IGNORE));
        Tensor probability = LossTerm.pixelCrossEntropy(logits, hard).neg().exp();
        Tensor classes = hard.masked_select(labelled);
        Tensor sums = torch.bincount(classes, new TensorOptional(probability.masked_select(labelled)), means.length);
        double[] sum = ImageTensors.toDoubles(sums);
        double[] pixels = ImageTensors.toDoubles(torch.bincount(classes, new TensorOptional(), means.length));
        for (int c = 0; c < means.length; c++) {
            if (pixels[c] > 0) {
                double decay = Math.min(1 - 1 / (batches[c] + 1), memory);
                means[c] = decay * means[c] + (1 - decay) * sum[c] / pixels[c];
                batches[c]++;
            }
        }
    }

    /** Returns how often each class should be shown more: the softmax of the root of what is missing to full confidence. */
    public double[] needs() {
        double[] needs = new double[means.length];
        double sum = 0;
        for (int c = 0; c < needs.length; c++) {
            needs[c] = Math.exp(Math.sqrt(Math.max(0, 1 - means[c])));
            sum += needs[c];
        }
        for (int c = 0; c < needs.length; c++) {
            needs[c] /= sum;
        }
        return needs;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public double[] state() {
        double[] state = new double[2 * means.length];
        System.arraycopy(means, 0, state, 0, means.length);
        System.arraycopy(batches, 0, state, means.length, means.length);
        return state;
    }

    @Override
    public void restore(double[] state) {
        if (state.length != 2 * means.length) {
            throw new IllegalArgumentException("the bank " + name + " holds 2 numbers for each of " + means.length
                    + " classes, found " + state.length);
        }
        System.arraycopy(state, 0, means, 0, means.length);
        System.arraycopy(state, means.length, batches, 0, means.length);
    }

    @Override
    public String toString() {
        return name;
    }
}
