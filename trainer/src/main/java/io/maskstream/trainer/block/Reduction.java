package io.maskstream.trainer.block;

import io.maskstream.segmentation.mask.Mask;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What a sum of pixel losses is divided by. Published methods differ here, and the choice changes the weight of a term by as
 * much as the share of pixels that a filter keeps.
 */
public enum Reduction {
    /** All pixels, padding included. */
    ALL {
        @Override
        Tensor divisor(PseudoLabel target) {
            return torch.ones_like(target.weight()).sum();
        }
    },
    /** Pixels that are not padding; those that a refinement dropped still count: FixMatch, UniMatch. */
    VALID {
        @Override
        Tensor divisor(PseudoLabel target) {
            return target.valid().to(torch.ScalarType.Float).sum();
        }
    },
    /** Pixels with a label: plain cross-entropy with an ignored class. */
    SELECTED {
        @Override
        Tensor divisor(PseudoLabel target) {
            return target.hard()
                    .ne(new Scalar(Mask.IGNORE))
                    .to(torch.ScalarType.Float)
                    .sum();
        }
    },
    /** The sum of the weights: AEL. */
    WEIGHT_SUM {
        @Override
        Tensor divisor(PseudoLabel target) {
            return target.weight().sum();
        }
    };

    private static final double TINY = 1e-12;

    /** Returns the divisor, a scalar. */
    abstract Tensor divisor(PseudoLabel target);

    /**
     * Weighs, sums and divides; 0, with its gradient, where nothing counts.
     *
     * @param losses {@code [N, H, W]}, finite everywhere
     * @return a scalar
     */
    public Tensor reduce(Tensor losses, PseudoLabel target) {
        return losses.mul(target.weight()).sum().div(divisor(target).clamp_min(new Scalar(TINY)));
    }
}
