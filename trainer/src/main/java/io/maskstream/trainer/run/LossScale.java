package io.maskstream.trainer.run;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What the loss is multiplied with before the backward pass, so that small gradients survive in float16.
 *
 * <p>Micikevicius et al., "Mixed Precision Training", ICLR 2018, with the usual dynamic rule: a step whose gradients overflow is left
 * out and halves the scale, and {@value #PATIENCE} good steps in a row double it. A scale that falls below {@value #LEAST} says that the
 * gradients are no numbers for another reason.
 */
final class LossScale {
    private static final double FIRST = 65536;
    private static final int PATIENCE = 500;
    private static final double LEAST = 1.0 / 65536;
    private static final double MOST = 1L << 24;

    private final boolean used;
    private double scale;
    private int good;

    /**
     * @param used whether it does anything; else the scale is 1 throughout and no step is left out
     */
    LossScale(boolean used) {
        this.used = used;
        this.scale = used ? FIRST : 1;
    }

    /** Returns the scale of the next step. */
    double get() {
        return scale;
    }

    /** Takes note of a step; says whether gradients that are not finite may be left out for once. */
    boolean stepped(boolean finite) {
        if (!used) {
            return false;
        }
        if (finite) {
            good++;
            if (good % PATIENCE == 0) {
                scale = Math.min(MOST, 2 * scale);
            }
            return false;
        }
        good = 0;
        scale /= 2;
        return scale >= LEAST;
    }

    /** Adds the state to a checkpoint. */
    void save(Map<String, Tensor> checkpoint) {
        checkpoint.put("loss-scale", torch.tensor(new float[] {(float) scale, good}));
    }

    /** Takes the state from a checkpoint. */
    void load(Map<String, Tensor> checkpoint) {
        Tensor state = checkpoint.get("loss-scale");
        if (state == null) {
            throw new IllegalArgumentException("the checkpoint has no loss-scale");
        }
        Tensor host = state.cpu();
        scale = host.select(0, 0).item_float(); // a power of two, so nothing is lost
        good = (int) host.select(0, 1).item_float();
    }
}
