package io.maskstream.trainer.block.view;

import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.View;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Changes colours, sharpness and noise; labels stay as they are.
 *
 * <p>Brightness, contrast and saturation are drawn evenly from {@code 1 - range} to {@code 1 + range} and applied in that order.
 * Departure from the usual colour jitter: hue is left alone, since it costs most and moved nothing. Published blurs are for crops of 321
 * and more; on a smaller image as many pixels would wipe out what is to be told apart.
 *
 * @param brightness range of the factor on all values
 * @param contrast range of the factor on the distance from the image's mean grey
 * @param saturation range of the factor on the distance from each pixel's grey
 * @param jitter chance that an image's colours change at all
 * @param grey chance that an image loses its colours
 * @param blur chance of a Gaussian blur of 0.1 to 2 pixels at the published crops, in proportion less on smaller images
 * @param noise largest standard deviation of Gaussian noise, in steps of 255
 */
public record PhotometricView(
        double brightness, double contrast, double saturation, double jitter, double grey, double blur, double noise)
        implements View {
    /** A little brightness, always. */
    public static final PhotometricView BRIGHTNESS = new PhotometricView(0.25, 0, 0, 1, 0, 0, 0);

    /** Jitter 0.5 with chance 0.8, grey 0.2, blur 0.5: the strong view of UniMatch, without hue. */
    public static final PhotometricView STRONG = new PhotometricView(0.5, 0.5, 0.5, 0.8, 0.2, 0.5, 0);

    private static final int RADIUS = 3;
    private static final double PUBLISHED_CROP = 321;

    @Override
    public PhotometricPlan plan(int images, int height, int width, RandomGenerator random) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            boolean jittered = random.nextDouble() < jitter;
            double b = factor(brightness, jittered, random);
            double c = factor(contrast, jittered, random);
            double s = factor(saturation, jittered, random);
            boolean grey1 = random.nextDouble() < grey;
            boolean blurred = random.nextDouble() < blur;
            double sigma = (0.1 + 1.9 * random.nextDouble()) * Math.min(1, Math.min(height, width) / PUBLISHED_CROP);
            changes.add(new Change(b, c, grey1 ? 0 : s, blurred ? sigma : 0, noise * random.nextDouble()));
        }
        return new PhotometricPlan(changes, random.nextLong());
    }

    private static double factor(double range, boolean jittered, RandomGenerator random) {
        double drawn = 1 + range * (2 * random.nextDouble() - 1);
        return jittered ? drawn : 1;
    }

    /**
     * What happens to one image.
     *
     * @param brightness factor on all values
     * @param contrast factor on the distance from the image's mean grey
     * @param saturation factor on the distance from each pixel's grey; 0 takes the colours away
     * @param sigma of the blur, in pixels; 0 is none
     * @param noise standard deviation, in steps of 255
     */
    public record Change(double brightness, double contrast, double saturation, double sigma, double noise) {}

    /**
     * One draw.
     *
     * @param changes one an image
     * @param noiseSeed of the noise
     */
    public record PhotometricPlan(List<Change> changes, long noiseSeed) implements Plan {
        public PhotometricPlan {
            changes = List.copyOf(changes);
        }

        @Override
        public Tensor images(Tensor pixels) {
            Tensor result = pixels.mul(column(Change::brightness, pixels));
            if (any(Change::contrast, 1)) {
                Tensor mean = grey(result).mean(new long[] {1, 2, 3}, true, null); // [N, 1, 1, 1]
                result = result.sub(mean).mul(column(Change::contrast, pixels)).add(mean);
            }
            if (any(Change::saturation, 1)) {
                Tensor grey = grey(result);
                result =
                        result.sub(grey).mul(column(Change::saturation, pixels)).add(grey);
            }
            if (any(Change::sigma, 0)) {
                result = blurred(result);
            }
            if (any(Change::noise, 0)) {
                torch.manual_seed(noiseSeed);
                Tensor noise = torch.randn_like(result).mul(column(Change::noise, pixels));
                result = result.add(noise);
            }
            return result.clamp_min(new Scalar(0.0)).clamp_max(new Scalar(255.0));
        }

        @Override
        public Tensor maps(Tensor maps) {
            return maps;
        }

        @Override
        public PseudoLabel labels(PseudoLabel label) {
            return label;
        }

        private boolean any(ToDoubleFunction<Change> value, double neutral) {
            return changes.stream().anyMatch(change -> value.applyAsDouble(change) != neutral);
        }

        private Tensor column(ToDoubleFunction<Change> value, Tensor like) {
            float[] values = new float[changes.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) value.applyAsDouble(changes.get(i));
            }
            return torch.tensor(values).reshape(values.length, 1, 1, 1).to(like.device(), torch.ScalarType.Float);
        }

        /** The weights of ITU-R BT.601, as image libraries use them. */
        private static Tensor grey(Tensor pixels) {
            return pixels.narrow(1, 0, 1)
                    .mul(new Scalar(0.299))
                    .add(pixels.narrow(1, 1, 1).mul(new Scalar(0.587)))
                    .add(pixels.narrow(1, 2, 1).mul(new Scalar(0.114))); // [N, 1, H, W]
        }

        private Tensor blurred(Tensor pixels) {
            int side = 2 * RADIUS + 1;
            int planes = changes.size() * 3;
            float[] across = new float[planes * side];
            for (int plane = 0; plane < planes; plane++) {
                float[] kernel = kernel(changes.get(plane / 3).sigma());
                System.arraycopy(kernel, 0, across, plane * side, side);
            }
            Tensor kernels = torch.tensor(across).to(pixels.device(), torch.ScalarType.Float);
            long height = pixels.size(2);
            long width = pixels.size(3);
            Tensor flat = pixels.reshape(1, planes, height, width);
            Tensor padded = torch.reflection_pad2d(flat, RADIUS, RADIUS, RADIUS, RADIUS);
            Tensor rows = convolve(padded, kernels.reshape(planes, 1, 1, side), planes);
            return convolve(rows, kernels.reshape(planes, 1, side, 1), planes)
                    .reshape(changes.size(), 3, height, width);
        }

        private static Tensor convolve(Tensor input, Tensor kernel, long groups) {
            return torch.conv2d(
                    input,
                    kernel,
                    new TensorOptional(),
                    new long[] {1, 1},
                    new long[] {0, 0},
                    new long[] {1, 1},
                    groups);
        }

        private static float[] kernel(double sigma) {
            double[] values = new double[2 * RADIUS + 1];
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                double distance = i - (double) RADIUS;
                values[i] = sigma == 0 ? (i == RADIUS ? 1 : 0) : Math.exp(-distance * distance / (2 * sigma * sigma));
                sum += values[i];
            }
            float[] kernel = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                kernel[i] = (float) (values[i] / sum);
            }
            return kernel;
        }
    }
}
