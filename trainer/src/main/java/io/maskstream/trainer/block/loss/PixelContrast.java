package io.maskstream.trainer.block.loss;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.Lesson;
import io.maskstream.trainer.block.LossTerm;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Draws the embeddings of pixels of one class together and those of others apart, within small windows of the whole batch.
 *
 * <p>Kwon and Kwak, CVPR 2022: for a class c with n pixels, {@code -1/n log(P / (P + Q))}, P the sum of {@code exp(a_i b_j / T)} over
 * pairs within c and Q over pairs of one within and one without; a is the giver's embedding and b the learner's, both of length 1. The
 * mean over windows and the classes in them. Pixels without a label take no part.
 *
 * @param branch that gives embeddings, both of the learner and of the label's giver
 * @param windows how many are drawn a step
 * @param share of the height and of the width that a window covers, in (0, 1]
 * @param stride pixels are averaged over squares of this side first
 * @param temperature T
 */
public record PixelContrast(String branch, int windows, double share, int stride, double temperature)
        implements LossTerm {
    private static final double TINY = 1e-12;

    @Override
    public Tensor loss(Lesson lesson) {
        Tensor keys = reduced(lesson.carried(lesson.giver(0).logits(branch)));
        Tensor queries = reduced(lesson.learner().logits(branch)); // [N, D, h, w]
        Tensor classes = nearest(lesson.target().hard()); // [N, h, w]
        long count = lesson.learner().logits().size(1);
        long height = side(queries.size(2));
        long width = side(queries.size(3));
        Tensor sum = queries.sum().mul(new Scalar(0.0));
        for (int i = 0; i < windows; i++) {
            long top =
                    torch.randint(queries.size(2) - height + 1, new long[] {1}).item_long();
            long left =
                    torch.randint(queries.size(3) - width + 1, new long[] {1}).item_long();
            Tensor window = contrast(
                    embeddings(cut(keys, 2, top, height, left, width)),
                    embeddings(cut(queries, 2, top, height, left, width)),
                    cut(classes, 1, top, height, left, width).reshape(-1),
                    count);
            sum = sum.add(window);
        }
        return sum.div(new Scalar((double) windows));
    }

    private long side(long whole) {
        return Math.max(1, Math.round(share * whole));
    }

    private Tensor reduced(Tensor map) {
        long fit = Math.min(stride, Math.min(map.size(2), map.size(3)));
        return torch.avg_pool2d(map, fit, fit);
    }

    /** Takes the class in the middle of every square that {@link #reduced} averages. */
    private Tensor nearest(Tensor hard) {
        long fit = Math.min(stride, Math.min(hard.size(1), hard.size(2)));
        long rows = hard.size(1) / fit;
        long columns = hard.size(2) / fit;
        Tensor down = torch.arange(new Scalar(rows)).mul(new Scalar(fit)).add(new Scalar(fit / 2));
        Tensor across = torch.arange(new Scalar(columns)).mul(new Scalar(fit)).add(new Scalar(fit / 2));
        return hard.index_select(1, down.to(hard.device(), torch.ScalarType.Long))
                .index_select(2, across.to(hard.device(), torch.ScalarType.Long));
    }

    private static Tensor cut(Tensor map, long rows, long top, long height, long left, long width) {
        return map.narrow(rows, top, height).narrow(rows + 1, left, width);
    }

    /** Returns one embedding of length 1 for every pixel, {@code [M, D]}. */
    private static Tensor embeddings(Tensor map) {
        Tensor flat = map.permute(0, 2, 3, 1).reshape(-1, map.size(1));
        Tensor length = flat.square()
                .sum(new long[] {1}, true, null)
                .add(new Scalar(TINY))
                .sqrt();
        return flat.div(length);
    }

    /**
     * Returns the loss of one window.
     *
     * @param keys {@code [M, D]} of length 1
     * @param queries {@code [M, D]} of length 1, with gradient
     * @param classes {@code [M]}, 255 for none
     */
    Tensor contrast(Tensor keys, Tensor queries, Tensor classes, long count) {
        Tensor known = classes.ne(new Scalar(Mask.IGNORE));
        Tensor member = torch.one_hot(classes.masked_fill(known.logical_not(), new Scalar(0)), count)
                .to(torch.ScalarType.Float)
                .mul(known.to(torch.ScalarType.Float).unsqueeze(1)); // [M, C]
        Tensor likeness = keys.matmul(queries.t()).div(new Scalar(temperature)).exp(); // [M, M]
        Tensor pairs = member.t().matmul(likeness).matmul(member); // [C, C], by class of key and of query
        Tensor pixels = member.sum(new long[] {0}, false, null);
        Tensor present = pixels.gt(new Scalar(0.0));
        Tensor ones = torch.ones_like(pixels);
        Tensor within = torch.where(present, pairs.diagonal(0, 0, 1), ones);
        Tensor all = torch.where(present, pairs.sum(new long[] {1}, false, null), ones);
        Tensor losses = all.log().sub(within.log()).div(pixels.clamp_min(new Scalar(1.0)));
        Tensor classesThere = present.to(torch.ScalarType.Float).sum().clamp_min(new Scalar(1.0));
        return losses.sum().div(classesThere);
    }
}
