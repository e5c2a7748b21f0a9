package io.maskstream.trainer.block;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;

/**
 * Pastes a box of the next image of the batch into each image.
 *
 * <p>Yun et al., "CutMix", ICCV 2019; for semi-supervised segmentation French et al., BMVC 2020. Departure from UniMatch's
 * FixMatch: the partner is the next image of the same batch, not one of a second batch, which saves its labelling pass.
 *
 * @param chance that an image gets a box
 * @param minArea smallest share of the image
 * @param maxArea largest share
 */
public record CutMix(double chance, double minArea, double maxArea) implements Mixer {
    /** Half of the images, 2 to 40 % of the area, as in UniMatch. */
    public static final CutMix USUAL = new CutMix(0.5, 0.02, 0.4);

    @Override
    public CutMixPlan plan(int images, int height, int width, RandomGenerator random) {
        List<Box> boxes = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            Box box = Box.draw(height, width, minArea, maxArea, 1 / 0.3, random);
            boxes.add(random.nextDouble() < chance ? box : Box.NONE);
        }
        return new CutMixPlan(boxes);
    }

    /**
     * One draw.
     *
     * @param boxes one an image
     */
    public record CutMixPlan(List<Box> boxes) implements MixPlan {
        public CutMixPlan {
            boxes = List.copyOf(boxes);
        }

        @Override
        public Tensor mask(Tensor like) {
            long rank = like.dim();
            return Box.inside(boxes, like.size(rank - 2), like.size(rank - 1), like);
        }

        @Override
        public long[] partners() {
            long[] next = new long[boxes.size()];
            for (int i = 0; i < next.length; i++) {
                next[i] = (i + 1L) % next.length;
            }
            return next;
        }
    }
}
