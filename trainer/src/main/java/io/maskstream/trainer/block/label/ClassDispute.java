package io.maskstream.trainer.block.label;

import io.maskstream.trainer.block.Bank;
import io.maskstream.trainer.libtorch.ImageTensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * How much two label givers dispute each class: the matrix of what one and the other said, with 1 added on the diagonal. The dispute of a
 * class is the share of the first's pixels of it that the second calls otherwise, plus the same the other way round; all divided by their
 * sum. CPCL, Fan et al., TIP 2023.
 *
 * <p>As published every batch starts anew; with small batches a memory of earlier ones is steadier.
 */
public final class ClassDispute implements Bank {
    private static final double TINY = 1e-6;

    private final String name;
    private final int classes;
    private final double memory;
    private final double[] counts; // rows: the first giver

    /**
     * @param memory share that is kept of what was counted before, in [0, 1); 0 looks at the last batch alone
     */
    public ClassDispute(String name, int classes, double memory) {
        this.name = name;
        this.classes = classes;
        this.memory = memory;
        this.counts = new double[classes * classes];
    }

    /** Counts a batch: class ids of equal length, of the first giver and of the second. */
    void observe(Tensor first, Tensor second) {
        Tensor pairs = first.mul(new Scalar(classes)).add(second);
        double[] seen = ImageTensors.toDoubles(torch.bincount(pairs, new TensorOptional(), counts.length));
        for (int i = 0; i < counts.length; i++) {
            counts[i] = memory * counts[i] + (1 - memory) * seen[i];
        }
    }

    /** Returns how much of all dispute is about each class; all 0 where the givers agree. */
    float[] shares() {
        double[] dispute = new double[classes];
        double sum = TINY;
        for (int c = 0; c < classes; c++) {
            double row = 1;
            double column = 1;
            for (int other = 0; other < classes; other++) {
                row += counts[c * classes + other];
                column += counts[other * classes + c];
            }
            double agreed = counts[c * classes + c] + 1;
            dispute[c] = (column - agreed) / column + (row - agreed) / row;
            sum += dispute[c];
        }
        float[] shares = new float[classes];
        for (int c = 0; c < classes; c++) {
            shares[c] = (float) (dispute[c] / sum);
        }
        return shares;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public double[] state() {
        return counts.clone();
    }

    @Override
    public void restore(double[] state) {
        if (state.length != counts.length) {
            throw new IllegalArgumentException("the bank " + name + " counts " + classes + " by " + classes
                    + " pairs of classes, found " + state.length + " numbers");
        }
        System.arraycopy(state, 0, counts, 0, counts.length);
    }

    @Override
    public String toString() {
        return "dispute of " + classes + " classes, memory " + memory;
    }
}
