package io.maskstream.trainer.block.label;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.Bank;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Refinement;
import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Holds the classes of pseudo-labels to the proportions of the annotations, so that a class that is seldom sure does not starve while the
 * common ones grow: probabilities are multiplied by {@code (annotated share / running share of the labels)^strength} and sum to 1 again.
 *
 * <p>Distribution alignment of Berthelot et al., "ReMixMatch", ICLR 2020, section 3.1, a pixel for an image. Departures: strength,
 * which is 1 there; the running share is a moving average of a step's mean probabilities, the first steps weighing more; no class gains
 * or loses more than {@value #MOST} times.
 *
 * <p>A label without probabilities stays as it is.
 */
public final class Alignment implements Bank, Refinement {
    private static final double MEMORY = 0.97; // about the last 30 steps, as many as the labels take to change
    private static final double MOST = 10;
    private static final double LEAST = 1e-4;

    private final String name;
    private final double[] annotated;
    private final double strength;
    private final double[] running;
    private double steps;

    /**
     * @param annotated share of each class among the annotated pixels; a class without any is not moved
     * @param strength in [0, 1]
     */
    public Alignment(String name, List<Double> annotated, double strength) {
        this.name = name;
        this.annotated = annotated.stream().mapToDouble(Double::doubleValue).toArray();
        this.strength = strength;
        this.running = new double[this.annotated.length];
    }

    @Override
    public PseudoLabel refine(PseudoLabel label, Progress progress) {
        Tensor soft = label.soft();
        if (soft == null) {
            return label;
        }
        observe(soft, label.valid());
        Tensor factors = torch.tensor(factors())
                .to(soft.device(), torch.ScalarType.Float)
                .reshape(1, running.length, 1, 1);
        Tensor product = soft.mul(factors);
        Tensor aligned = product.div(product.sum(new long[] {1}, true, null)); // [N, C, H, W]
        Tensor none = label.hard().eq(new Scalar(Mask.IGNORE));
        return new PseudoLabel(
                aligned.argmax(new LongOptional(1), false).masked_fill(none, new Scalar(Mask.IGNORE)),
                aligned.max(1).get0().masked_fill(none, new Scalar(0.0)),
                aligned,
                label.weight(),
                label.valid(),
                label.source());
    }

    private void observe(Tensor soft, Tensor valid) {
        Tensor shown = valid.unsqueeze(1).to(torch.ScalarType.Float); // [N, 1, H, W]
        Tensor mean = soft.mul(shown)
                .sum(new long[] {0, 2, 3}, false, null)
                .div(shown.sum().clamp_min(new Scalar(1.0)));
        double[] now = ImageTensors.toDoubles(mean);
        double decay = Math.min(1 - 1 / (steps + 1), MEMORY);
        for (int c = 0; c < running.length; c++) {
            running[c] = decay * running[c] + (1 - decay) * now[c];
        }
        steps++;
    }

    /** Returns what the probability of each class is multiplied with. */
    float[] factors() {
        float[] factors = new float[running.length];
        for (int c = 0; c < factors.length; c++) {
            double ratio = annotated[c] <= 0 ? 1 : annotated[c] / Math.max(LEAST, running[c]);
            factors[c] = (float) Math.pow(Math.max(1 / MOST, Math.min(MOST, ratio)), strength);
        }
        return factors;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public double[] state() {
        double[] state = Arrays.copyOf(running, running.length + 1);
        state[running.length] = steps;
        return state;
    }

    @Override
    public void restore(double[] state) {
        if (state.length != running.length + 1) {
            throw new IllegalArgumentException(
                    name + " keeps " + (running.length + 1) + " numbers, found " + state.length);
        }
        System.arraycopy(state, 0, running, 0, running.length);
        steps = state[running.length];
    }

    @Override
    public String toString() {
        return "alignment with the annotated classes, strength " + strength;
    }
}
