package io.maskstream.trainer.block.round;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How a network looks at an image between stages: once, or several times at scales and mirrored, with the mean of its probabilities
 * (test-time augmentation as in ST++, Yang et al., CVPR 2022, which sums them).
 *
 * @param scales factors on height and width; the size is rounded to whole multiples of 32 pixels, which every network takes
 * @param flip whether each is looked at mirrored as well
 */
public record Looking(List<Double> scales, boolean flip) {
    /** Once, as it is. */
    public static final Looking PLAIN = new Looking(List.of(1.0), false);

    /** As it is and mirrored: twice the cost, where the five scales of ST++ would cost 8 times as much. */
    public static final Looking FLIPPED = new Looking(List.of(1.0), true);

    /** The scales of ST++, each mirrored as well: ten looks, some 16 times the cost of one. */
    public static final Looking SCALED = new Looking(List.of(0.5, 0.75, 1.0, 1.5, 2.0), true);

    private static final int STRIDE = 32;

    public Looking {
        scales = List.copyOf(scales);
        if (scales.isEmpty() || scales.stream().anyMatch(scale -> !(scale > 0))) {
            throw new IllegalArgumentException("scales are above 0 and at least one, found " + scales);
        }
    }

    /** Returns no augmentation (0), mirroring (1), or scales and mirroring (2). */
    public static Looking level(int level) {
        return level <= 0 ? PLAIN : level == 1 ? FLIPPED : SCALED;
    }

    /**
     * Returns probabilities.
     *
     * @param images {@code [N, 3, H, W]}, normalised
     * @param network gives class scores {@code [N, C, H, W]}
     * @return {@code [N, C, H, W]}, which sum to 1 over the classes
     */
    public Tensor probabilities(Tensor images, UnaryOperator<Tensor> network) {
        long height = images.size(2);
        long width = images.size(3);
        Tensor sum = null;
        int looks = 0;
        for (double scale : scales) {
            Tensor scaled = scale == 1 ? images : resized(images, size(height, scale), size(width, scale));
            for (int mirrored = 0; mirrored < (flip ? 2 : 1); mirrored++) {
                Tensor seen = mirrored == 1 ? scaled.flip(3) : scaled;
                Tensor said = network.apply(seen).softmax(1);
                said = mirrored == 1 ? said.flip(3) : said;
                said = resized(said, height, width);
                sum = sum == null ? said : sum.add(said);
                looks++;
            }
        }
        if (sum == null) {
            throw new IllegalStateException("nothing was looked at");
        }
        return looks == 1 ? sum : sum.div(new Scalar((double) looks)); // [N, C, H, W]
    }

    private static long size(long pixels, double scale) {
        return Math.max(STRIDE, Math.round(pixels * scale / STRIDE) * STRIDE);
    }

    private static Tensor resized(Tensor maps, long height, long width) {
        return maps.size(2) == height && maps.size(3) == width
                ? maps
                : torch.upsample_bilinear2d(
                        maps, new long[] {height, width}, false, new DoubleOptional(), new DoubleOptional());
    }
}
