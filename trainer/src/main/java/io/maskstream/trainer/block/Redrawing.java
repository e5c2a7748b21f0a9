package io.maskstream.trainer.block;

import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Draws weights of a network partly anew, so that a copy becomes a network of its own. */
final class Redrawing {
    private Redrawing() {}

    /**
     * Turns each chosen weight towards a random one of the same size: {@code sqrt(1 - s^2) w + s n}, with {@code n} normal of the root mean
     * square of {@code w}. Biases and gains stay: they hold how common a class is, and how large a feature.
     *
     * @param novelty {@code s}, in [0, 1]; 1 draws anew
     */
    static void redraw(SegmentationNetwork network, Predicate<String> chosen, double novelty, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            network.parameters().forEach((name, weight) -> {
                if (chosen.test(name) && weight.dim() > 1) {
                    turn(weight, novelty, random);
                }
            });
        }
    }

    private static void turn(Tensor weight, double novelty, SplittableRandom random) {
        double size = Math.sqrt(weight.square().mean().item_float());
        float[] values = new float[Math.toIntExact(weight.numel())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (novelty * size * random.nextGaussian());
        }
        Tensor drawn = torch.tensor(values).to(weight.device(), weight.scalar_type());
        var unused = weight.mul_(new Scalar(Math.sqrt(1 - novelty * novelty))).add_(drawn.view_as(weight));
    }
}
