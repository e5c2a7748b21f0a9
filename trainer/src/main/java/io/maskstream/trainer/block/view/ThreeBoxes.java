package io.maskstream.trainer.block.view;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;

/**
 * Shows the next image of the batch in three boxes of each image; where two of them overlap, the image itself shows again.
 *
 * <p>The mask of French et al., BMVC 2020, with the three boxes of CPS (Chen et al., CVPR 2021), {@link BoxRule#third()}.
 * Departure: the partner is the next image of the same batch and not one of a second batch, which saves its labelling pass.
 */
public record ThreeBoxes() implements Mixer {
    private static final int BOXES = 3;
    private static final BoxRule RULE = BoxRule.third();

    @Override
    public ThreeBoxesPlan plan(int images, int height, int width, RandomGenerator random) {
        List<List<Box>> boxes = new ArrayList<>();
        for (int box = 0; box < BOXES; box++) {
            List<Box> ofEach = new ArrayList<>();
            for (int i = 0; i < images; i++) {
                ofEach.add(RULE.draw(height, width, random));
            }
            boxes.add(ofEach);
        }
        return new ThreeBoxesPlan(boxes);
    }

    /**
     * One draw.
     *
     * @param boxes the first of every image, the second of every image, and so on
     */
    public record ThreeBoxesPlan(List<List<Box>> boxes) implements MixPlan {
        public ThreeBoxesPlan {
            boxes = boxes.stream().map(List::copyOf).toList();
        }

        @Override
        public Tensor mask(Tensor like) {
            long height = like.size(like.dim() - 2);
            long width = like.size(like.dim() - 1);
            Tensor mask = Box.inside(boxes.get(0), height, width, like);
            for (List<Box> next : boxes.subList(1, boxes.size())) {
                mask = mask.logical_xor(Box.inside(next, height, width, like));
            }
            return mask;
        }

        @Override
        public long[] partners() {
            long[] next = new long[boxes.get(0).size()];
            for (int i = 0; i < next.length; i++) {
                next[i] = (i + 1L) % next.length;
            }
            return next;
        }
    }
}
