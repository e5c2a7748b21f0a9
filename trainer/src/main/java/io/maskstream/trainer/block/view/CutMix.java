package io.maskstream.trainer.block.view;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;

/**
 * Pastes a box of another image of the batch into each image.
 *
 * <p>Yun et al., "CutMix", ICCV 2019; for semi-supervised segmentation French et al., BMVC 2020. Departure from UniMatch's
 * FixMatch: the partner is an image of the same batch, not one of a second batch, which saves its labelling pass.
 *
 * @param chance of a box
 * @param boxes how a box is drawn
 * @param drawn for what the chance and the box are drawn
 * @param partner whose pixels are pasted
 */
public record CutMix(double chance, BoxRule boxes, Drawn drawn, Partner partner) implements Mixer {
    /** Half of the images, 2 to 40 % of the area, as in UniMatch. */
    public static final CutMix USUAL = new CutMix(0.5, 0.02, 0.4);

    public CutMix {
        if (!(chance >= 0 && chance <= 1)) {
            throw new IllegalArgumentException("the chance of a box lies in [0, 1], not at " + chance);
        }
    }

    /**
     * Draws a box of some area for each image, and takes the next image for partner.
     *
     * @param chance that an image gets a box
     * @param minArea smallest share of the image
     * @param maxArea largest share
     */
    public CutMix(double chance, double minArea, double maxArea) {
        this(chance, BoxRule.area(minArea, maxArea), Drawn.FOR_EACH_IMAGE, Partner.NEXT);
    }

    /** For what chance and box are drawn. */
    public enum Drawn {
        /** Each image has its own. */
        FOR_EACH_IMAGE,
        /** Each image has its own box, but the batch is mixed as a whole or not at all. */
        BOX_FOR_EACH_IMAGE,
        /** All images share one box; with any partner below, every pixel of the batch then shows once. */
        FOR_THE_BATCH
    }

    /** Whose pixels are pasted. */
    public enum Partner {
        /** The next image; for the last, the first. */
        NEXT,
        /** The image a number of places on that is drawn for the batch; never the image itself if there is another. */
        ANOTHER
    }

    /** Returns this with partners drawn anew for every batch. */
    public CutMix withAnother() {
        return new CutMix(chance, boxes, drawn, Partner.ANOTHER);
    }

    @Override
    public CutMixPlan plan(int images, int height, int width, RandomGenerator random) {
        boolean batch = drawn == Drawn.FOR_EACH_IMAGE || random.nextDouble() < chance;
        List<Box> drawnBoxes = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            if (i > 0 && drawn == Drawn.FOR_THE_BATCH) {
                drawnBoxes.add(drawnBoxes.get(0));
            } else {
                Box box = boxes.draw(height, width, random);
                boolean here = drawn == Drawn.FOR_EACH_IMAGE ? random.nextDouble() < chance : batch;
                drawnBoxes.add(here ? box : Box.NONE);
            }
        }
        return new CutMixPlan(drawnBoxes, partner == Partner.NEXT || images < 3 ? 1 : random.nextInt(1, images));
    }

    /**
     * One draw.
     *
     * @param boxes one an image
     * @param shift how many places on the partner is
     */
    public record CutMixPlan(List<Box> boxes, int shift) implements MixPlan {
        public CutMixPlan {
            boxes = List.copyOf(boxes);
        }

        /** Takes the next image for partner. */
        public CutMixPlan(List<Box> boxes) {
            this(boxes, 1);
        }

        @Override
        public Tensor mask(Tensor like) {
            long rank = like.dim();
            return Box.inside(boxes, like.size(rank - 2), like.size(rank - 1), like);
        }

        @Override
        public long[] partners() {
            long[] others = new long[boxes.size()];
            for (int i = 0; i < others.length; i++) {
                others[i] = (i + (long) shift) % others.length;
            }
            return others;
        }
    }
}
