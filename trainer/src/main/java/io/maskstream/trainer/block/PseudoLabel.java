package io.maskstream.trainer.block;

import io.maskstream.segmentation.mask.Mask;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What a batch of images is learned from: a class for every pixel and how far it is believed. No field carries a gradient.
 *
 * <p>A person's annotation is one too, with weight 1, so that one loss serves both.
 *
 * @param hard {@code [N, H, W]} int64 class ids; 255 = none
 * @param confidence {@code [N, H, W]} float32 in [0, 1], the giver's probability of {@code hard}
 * @param soft {@code [N, C, H, W]} float32 probabilities, where the giver has them
 * @param weight {@code [N, H, W]} float32 in [0, 1]; 0 exactly where {@code hard} is 255
 * @param valid {@code [N, H, W]} bool; false where a view shows padding. A pixel that a refinement dropped stays valid
 * @param source who gave it
 */
public record PseudoLabel(
        Tensor hard, Tensor confidence, @Nullable Tensor soft, Tensor weight, Tensor valid, LabelSource source) {

    public PseudoLabel {
        requireShape("confidence", hard, confidence);
        requireShape("weight", hard, weight);
        requireShape("valid", hard, valid);
    }

    private static void requireShape(String name, Tensor hard, Tensor other) {
        if (hard.dim() != 3 || other.dim() != 3 || !same(hard, other)) {
            throw new IllegalArgumentException(
                    "hard and " + name + " must be [N, H, W] alike, found " + shape(hard) + " and " + shape(other));
        }
    }

    private static boolean same(Tensor a, Tensor b) {
        return a.size(0) == b.size(0) && a.size(1) == b.size(1) && a.size(2) == b.size(2);
    }

    private static String shape(Tensor tensor) {
        return java.util.Arrays.toString(tensor.shape());
    }

    /** Returns a person's masks as labels: weight 1 wherever a class is given, and the rest not valid. */
    public static PseudoLabel human(Tensor hard) {
        Tensor valid = hard.ne(new Scalar(Mask.IGNORE));
        Tensor ones = valid.to(torch.ScalarType.Float);
        return new PseudoLabel(hard, ones, null, ones, valid, LabelSource.HUMAN);
    }

    /** Returns labels made by a giver of which every pixel counts. */
    public static PseudoLabel of(Tensor hard, Tensor confidence, @Nullable Tensor soft, LabelSource source) {
        Tensor weight = hard.ne(new Scalar(Mask.IGNORE)).to(torch.ScalarType.Float);
        Tensor valid = torch.ones_like(hard).to(torch.ScalarType.Bool);
        return new PseudoLabel(hard, confidence, soft, weight, valid, source);
    }

    /** Returns the probabilities, if the giver has them. */
    public Optional<Tensor> probabilities() {
        return Optional.ofNullable(soft);
    }

    /** Returns this with weights multiplied by {@code factor [N, H, W]} in [0, 1]; where the product is 0, hard becomes 255. */
    public PseudoLabel weighted(Tensor factor) {
        Tensor product = weight.mul(factor);
        Tensor dropped = product.eq(new Scalar(0.0));
        return new PseudoLabel(
                hard.masked_fill(dropped, new Scalar(Mask.IGNORE)), confidence, soft, product, valid, source);
    }

    /** Returns this with nothing to learn, and not valid, wherever {@code hidden [N, H, W]} bool is true. */
    public PseudoLabel hiding(Tensor hidden) {
        return new PseudoLabel(
                hard.masked_fill(hidden, new Scalar(Mask.IGNORE)),
                confidence.masked_fill(hidden, new Scalar(0.0)),
                soft,
                weight.masked_fill(hidden, new Scalar(0.0)),
                valid.logical_and(hidden.logical_not()),
                source);
    }

    /** Returns the labels of other images of the same batch, {@code order [M]} int64. */
    public PseudoLabel ordered(Tensor order) {
        return new PseudoLabel(
                hard.index_select(0, order),
                confidence.index_select(0, order),
                soft == null ? null : soft.index_select(0, order),
                weight.index_select(0, order),
                valid.index_select(0, order),
                source);
    }

    /** Returns this with another's labels wherever {@code mask [N, H, W]} bool is true; probabilities only if both have them. */
    public PseudoLabel mixed(Tensor mask, PseudoLabel other) {
        boolean both = soft != null && other.soft != null;
        return new PseudoLabel(
                torch.where(mask, other.hard, hard),
                torch.where(mask, other.confidence, confidence),
                both ? torch.where(mask.unsqueeze(1), other.soft, soft) : null,
                torch.where(mask, other.weight, weight),
                torch.where(mask, other.valid, valid),
                source);
    }
}
