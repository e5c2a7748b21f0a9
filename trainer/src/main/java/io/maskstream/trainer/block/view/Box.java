package io.maskstream.trainer.block.view;

import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * A rectangle in an image, in pixels; height or width 0 is none.
 *
 * @param top first row
 * @param left first column
 * @param height rows
 * @param width columns
 */
public record Box(int top, int left, int height, int width) {
    /** No pixel. */
    public static final Box NONE = new Box(0, 0, 0, 0);

    public Box {
        if (top < 0 || left < 0 || height < 0 || width < 0) {
            throw new IllegalArgumentException(
                    "a box has no negative side: " + top + ", " + left + ", " + height + ", " + width);
        }
    }

    /**
     * Draws a box: area a share of the image, aspect ratio as given, redrawn until it fits, at any position inside.
     *
     * <p>The generator of CutMix in UniMatch's FixMatch.
     *
     * @param minArea smallest share of the image
     * @param maxArea largest share
     * @param aspect largest ratio of height to width, and its inverse the smallest
     */
    static Box draw(
            int imageHeight, int imageWidth, double minArea, double maxArea, double aspect, RandomGenerator random) {
        for (int attempt = 0; attempt < 100; attempt++) {
            double area = (minArea + (maxArea - minArea) * random.nextDouble()) * imageHeight * imageWidth;
            double ratio = 1 / aspect + (aspect - 1 / aspect) * random.nextDouble();
            int width = (int) Math.sqrt(area / ratio);
            int height = (int) Math.sqrt(area * ratio);
            if (width >= 1 && height >= 1 && width <= imageWidth && height <= imageHeight) {
                return new Box(
                        random.nextInt(imageHeight - height + 1),
                        random.nextInt(imageWidth - width + 1),
                        height,
                        width);
            }
        }
        return NONE;
    }

    /** Returns {@code [N, H, W]} bool, true inside each image's box. */
    static Tensor inside(List<Box> boxes, long height, long width, Tensor like) {
        Tensor map =
                torch.zeros(new long[] {boxes.size(), height, width}, new TensorOptions(like.device()).dtype(bool()));
        for (int i = 0; i < boxes.size(); i++) {
            Box box = boxes.get(i);
            var unused = map.select(0, i)
                    .narrow(0, box.top(), box.height())
                    .narrow(1, box.left(), box.width())
                    .fill_(new Scalar(1));
        }
        return map;
    }

    private static org.bytedeco.pytorch.ScalarTypeOptional bool() {
        return new org.bytedeco.pytorch.ScalarTypeOptional(torch.ScalarType.Bool);
    }
}
