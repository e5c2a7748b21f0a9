package io.maskstream.trainer.block.loss;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.LossTerm;
import io.maskstream.trainer.block.PseudoLabel;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Losses that keep the features of two networks apart, so that they do not become one. */
public final class Discrepancy {
    private static final double TINY = 1e-6;

    private Discrepancy() {}

    /**
     * One plus the mean cosine between the learner's features and those of another member on the same pictures, which are without gradient;
     * in [0, 2], 0 where they are opposite: CCVC, Wang et al., CVPR 2023.
     *
     * <p>The mean is over places, each by the share of its pixels that have a class in the target, so padding does not count.
     *
     * @param features a value that the recipe reveals, {@code [N, D, h, w]}
     */
    public static LossTerm cosine(String member, String features) {
        return LossTerm.named(
                "cosine to the " + features + " of " + member,
                lesson -> ofFeatures(
                        lesson.learner().get(features),
                        lesson.beside(member).get(features).detach(),
                        lesson.target()));
    }

    static Tensor ofFeatures(Tensor own, Tensor other, PseudoLabel target) {
        Tensor likeness = torch.cosine_similarity(own, other, 1, TINY).add(new Scalar(1.0)); // [N, h, w]
        Tensor known = target.hard().ne(new Scalar(Mask.IGNORE)).to(torch.ScalarType.Float);
        Tensor share = torch.adaptive_avg_pool2d(known.unsqueeze(1), new long[] {own.size(2), own.size(3)})
                .squeeze(1);
        return likeness.mul(share).sum().div(share.sum().clamp_min(new Scalar(TINY)));
    }
}
