package io.maskstream.trainer.block.label;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.Bank;
import io.maskstream.trainer.block.Progress;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.Refinement;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Keeps the confident part of each class: the threshold of a class is the running average of a quantile of its own confidences, so
 * that hard classes keep a share.
 *
 * <p>Zhou et al., "C3-SemiSeg", ICCV 2021. With the confidences of the n pixels labelled c in falling order, {@code q = conf[floor(n
 * kept T^gamma)]} and {@code T = 0.9 T + 0.1 q}; what has at least T counts, T being that after the update. A class without pixels keeps
 * its threshold.
 *
 * <p>It is its own bank, since the thresholds follow the stream from round to round.
 */
public final class ClassThresholds implements Bank, Refinement {
    /** Where every threshold begins. */
    public static final double START = 0.9;

    private static final double STAY = 0.9;

    private final String name;
    private final double kept;
    private final double gamma;
    private final double[] thresholds;

    /**
     * @param name in the recipe
     * @param classes how many there are
     * @param kept share of each class that counts, in [0, 1]
     * @param gamma how much less a class keeps whose threshold is low; 0 is not at all
     */
    public ClassThresholds(String name, int classes, double kept, double gamma) {
        this.name = name;
        this.kept = kept;
        this.gamma = gamma;
        this.thresholds = new double[classes];
        Arrays.fill(thresholds, START);
    }

    @Override
    public PseudoLabel refine(PseudoLabel label, Progress progress) {
        for (int c = 0; c < thresholds.length; c++) {
            Tensor sorted = torch.masked_select(label.confidence(), label.hard().eq(new Scalar(c)))
                    .sort(0, true)
                    .get0();
            long pixels = sorted.numel();
            if (pixels > 0) {
                long index = (long) Math.floor(pixels * kept * Math.pow(thresholds[c], gamma));
                double quantile = sorted.select(0, Math.min(pixels - 1, index)).item_double();
                thresholds[c] = STAY * thresholds[c] + (1 - STAY) * quantile;
            }
        }
        return atLeast(label, thresholds);
    }

    /**
     * Keeps pixels with at least the confidence of their class.
     *
     * @param thresholds one a class
     */
    public static Refinement fixed(List<Double> thresholds) {
        double[] table = thresholds.stream().mapToDouble(Double::doubleValue).toArray();
        return Refinement.named(
                "confidence at least by class " + thresholds, (label, progress) -> atLeast(label, table));
    }

    private static PseudoLabel atLeast(PseudoLabel label, double[] thresholds) {
        float[] table = new float[thresholds.length];
        for (int c = 0; c < table.length; c++) {
            table[c] = (float) thresholds[c];
        }
        Tensor hard = label.hard();
        Tensor known = hard.masked_fill(hard.eq(new Scalar(Mask.IGNORE)), new Scalar(0)); // weight 0 there already
        Tensor wanted = torch.tensor(table)
                .to(hard.device(), torch.ScalarType.Float)
                .index_select(0, known.flatten())
                .reshape(hard.shape()); // [N, H, W]
        return label.weighted(label.confidence().ge(wanted).to(torch.ScalarType.Float));
    }

    /** Returns the threshold of each class, which a router may use on the released model's own labels. */
    public List<Double> thresholds() {
        return Arrays.stream(thresholds).boxed().toList();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public double[] state() {
        return thresholds.clone();
    }

    @Override
    public void restore(double[] state) {
        if (state.length != thresholds.length) {
            throw new IllegalArgumentException(
                    "thresholds of " + thresholds.length + " classes cannot be " + state.length + " numbers");
        }
        System.arraycopy(state, 0, thresholds, 0, state.length);
    }

    @Override
    public String toString() {
        return "the most confident " + kept + " of each class, by running thresholds";
    }
}
