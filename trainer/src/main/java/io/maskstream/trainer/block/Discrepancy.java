package io.maskstream.trainer.block;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Losses that keep the features of two networks apart, so that they do not become one. */
public final class Discrepancy {
    private static final double TINY = 1e-6;

    private Discrepancy() {}

    /**
     * One plus the mean cosine, over all places, between the learner's features and those of another member on the same pictures, which are
     * without gradient; in [0, 2], 0 where they are opposite: CCVC, Wang et al., CVPR 2023.
     *
     * @param features a value that the recipe reveals, {@code [N, D, h, w]}
     */
    public static LossTerm cosine(String member, String features) {
        return LossTerm.named(
                "cosine to the " + features + " of " + member,
                lesson -> ofFeatures(
                        lesson.learner().get(features),
                        lesson.beside(member).get(features).detach()));
    }

    static Tensor ofFeatures(Tensor own, Tensor other) {
        return torch.cosine_similarity(own, other, 1, TINY).mean().add(new Scalar(1.0));
    }
}
