package io.maskstream.trainer.block.view;

import io.maskstream.segmentation.mask.Mask;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.View;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Scales, moves and flips images, keeping their size: enlarged ones are cropped, reduced ones get grey padding that is not
 * valid.
 *
 * <p>Pictures are interpolated bilinearly, everything else is taken from the nearest pixel.
 *
 * @param minScale smallest scale, above 0; scales are drawn evenly on a logarithmic axis
 * @param maxScale largest scale
 * @param flip chance of a flip left to right
 */
public record GeometricView(double minScale, double maxScale, double flip) implements View {
    private static final double GREY = 127.5;

    public GeometricView {
        if (!(minScale > 0 && minScale <= maxScale) || !(flip >= 0 && flip <= 1)) {
            throw new IllegalArgumentException("expected 0 < minScale <= maxScale and flip in [0, 1], found " + minScale
                    + ", " + maxScale + ", " + flip);
        }
    }

    @Override
    public GeometricPlan plan(int images, int height, int width, RandomGenerator random) {
        List<Placement> placements = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            double scale = minScale * Math.pow(maxScale / minScale, random.nextDouble());
            placements.add(new Placement(
                    scale, 2 * random.nextDouble() - 1, 2 * random.nextDouble() - 1, random.nextDouble() < flip));
        }
        return new GeometricPlan(placements);
    }

    /**
     * Where one image goes.
     *
     * @param scale above 1 enlarges
     * @param x from -1, the left-most position that wastes nothing, to 1, the right-most
     * @param y from -1, the upper-most, to 1
     * @param flip whether left and right are exchanged
     */
    public record Placement(double scale, double x, double y, boolean flip) {}

    /**
     * One draw.
     *
     * @param placements one an image
     */
    public record GeometricPlan(List<Placement> placements) implements Plan {
        public GeometricPlan {
            placements = List.copyOf(placements);
        }

        @Override
        public Tensor images(Tensor pixels) {
            Tensor centred = pixels.sub(new Scalar(GREY)); // so that padding becomes grey
            return torch.grid_sampler(centred, grid(pixels), 0, 0, false).add(new Scalar(GREY));
        }

        @Override
        public Tensor maps(Tensor maps) {
            return torch.grid_sampler(maps, grid(maps), 0, 0, false);
        }

        @Override
        public PseudoLabel labels(PseudoLabel label) {
            TensorVector planes = new TensorVector();
            planes.push_back(plane(label.hard()).sub(new Scalar(Mask.IGNORE)));
            planes.push_back(plane(label.confidence()));
            planes.push_back(plane(label.weight()));
            planes.push_back(plane(label.valid()));
            Tensor soft = label.soft();
            if (soft != null) {
                planes.push_back(soft);
            }
            Tensor all = torch.cat(planes, 1); // [N, 4 + C, H, W]
            Tensor warped = torch.grid_sampler(all, grid(all), 1, 0, false);
            return new PseudoLabel(
                    warped.select(1, 0).add(new Scalar(Mask.IGNORE)).round().to(torch.ScalarType.Long),
                    warped.select(1, 1),
                    soft == null ? null : warped.narrow(1, 4, soft.size(1)),
                    warped.select(1, 2),
                    warped.select(1, 3).gt(new Scalar(0.5)),
                    label.source());
        }

        private static Tensor plane(Tensor map) {
            return map.to(torch.ScalarType.Float).unsqueeze(1); // [N, 1, H, W]
        }

        private Tensor grid(Tensor like) {
            float[] theta = new float[placements.size() * 6];
            for (int i = 0; i < placements.size(); i++) {
                Placement placement = placements.get(i);
                double step = 1 / placement.scale();
                double slack = Math.abs(1 - step);
                theta[i * 6] = (float) (placement.flip() ? -step : step);
                theta[i * 6 + 2] = (float) (placement.x() * slack);
                theta[i * 6 + 4] = (float) step;
                theta[i * 6 + 5] = (float) (placement.y() * slack);
            }
            Tensor affine =
                    torch.tensor(theta).reshape(placements.size(), 2, 3).to(like.device(), torch.ScalarType.Float);
            long[] size = {placements.size(), 1, like.size(2), like.size(3)};
            return torch.affine_grid_generator(affine, size, false); // [N, H, W, 2]
        }
    }
}
