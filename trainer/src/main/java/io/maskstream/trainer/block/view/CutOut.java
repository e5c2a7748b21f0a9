package io.maskstream.trainer.block.view;

import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.View;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Covers a box of an image with grey; nothing is learned there.
 *
 * <p>DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017; labels are dropped inside the
 * box as in ST++ (Yang et al., CVPR 2022).
 *
 * @param chance that an image gets a box
 * @param minArea smallest share of the image
 * @param maxArea largest share
 */
public record CutOut(double chance, double minArea, double maxArea) implements View {

    @Override
    public CutOutPlan plan(int images, int height, int width, RandomGenerator random) {
        List<Box> boxes = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            Box box = Box.draw(height, width, minArea, maxArea, 1 / 0.3, random);
            boxes.add(random.nextDouble() < chance ? box : Box.NONE);
        }
        return new CutOutPlan(boxes);
    }

    /**
     * One draw.
     *
     * @param boxes one an image
     */
    public record CutOutPlan(List<Box> boxes) implements Plan {
        public CutOutPlan {
            boxes = List.copyOf(boxes);
        }

        @Override
        public Tensor images(Tensor pixels) {
            return filled(pixels, 127.5);
        }

        @Override
        public Tensor maps(Tensor maps) {
            return filled(maps, 0);
        }

        private Tensor filled(Tensor pixels, double value) {
            Tensor inside =
                    Box.inside(boxes, pixels.size(2), pixels.size(3), pixels).unsqueeze(1);
            return pixels.masked_fill(inside, new Scalar(value));
        }

        @Override
        public PseudoLabel labels(PseudoLabel label) {
            Tensor hard = label.hard();
            return label.hiding(Box.inside(boxes, hard.size(1), hard.size(2), hard));
        }
    }
}
