package io.maskstream.trainer.block.feature;

import io.maskstream.trainer.block.Perturbation;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.network.Taps;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Adds to the learner's deepest features what confuses its teachers most: virtual adversarial noise, found with the teachers' decoders.
 *
 * <p>Miyato et al., "Virtual Adversarial Training", TPAMI 2019, in the form of Liu et al., "Perturbed and Strict Mean Teachers", CVPR
 * 2022. With {@code p = softmax} of the mean of the teachers' scores on the learner's features f, and a direction d drawn evenly and
 * brought to length 1, one step: {@code d = gradient of KL(p(f) || p(f + probe d))} by d, brought to length 1; the decoder sees {@code f +
 * radius d}. Lengths are Euclidean, over all of an image's features. Where the gradient is 0 the direction that was drawn stays.
 *
 * <p>Departure: the paper's probe of 1e-6 is too short for float32, in which the two distributions would be equal.
 *
 * <p>The noise carries no gradient, and none is left in the teachers. What a decoder reads beside the deepest features, such as skip
 * connections, is the teacher's own.
 *
 * @param teachers members that look in evaluation mode
 * @param radius length of the noise
 * @param probe length of the step with which its direction is found
 */
public record TeacherAdversary(List<String> teachers, double radius, double probe) implements Perturbation {
    private static final double TINY = 1e-12;

    public TeacherAdversary {
        teachers = List.copyOf(teachers);
        if (teachers.isEmpty() || !(radius >= 0) || !(probe > 0)) {
            throw new IllegalArgumentException("adversarial noise needs a teacher, a radius from 0 and a probe above 0,"
                    + " found " + teachers + ", " + radius + ", " + probe);
        }
    }

    @Override
    public Taps taps(Pass pass) {
        List<SegmentationNetwork> networks = teachers.stream().map(pass::member).toList();
        return Taps.changing(Taps.ENCODER, features -> features.add(noise(features.detach(), pass.images(), networks)));
    }

    private Tensor noise(Tensor features, Tensor images, List<SegmentationNetwork> networks) {
        try (PointerScope scope = new PointerScope()) {
            Tensor given = features.to(torch.ScalarType.Float);
            Tensor drawn = normalised(torch.rand_like(given).sub(new Scalar(0.5)));
            Tensor found = normalised(slope(given, drawn, images, networks));
            Tensor flat = norms(found).lt(new Scalar(0.5)); // length 0 in place of 1
            Tensor noise = torch.where(flat, drawn, found).mul(new Scalar(radius));
            return Torch.handOver(scope, noise.to(features.scalar_type()));
        }
    }

    /** Returns the gradient of the divergence by the direction. */
    private Tensor slope(Tensor features, Tensor drawn, Tensor images, List<SegmentationNetwork> networks) {
        Tensor usual;
        try (NoGradGuard guard = new NoGradGuard()) {
            usual = logProbabilities(features, images, networks);
        }
        try (AutoGradMode recorded = new AutoGradMode(true)) {
            Tensor direction = drawn.detach().set_requires_grad(true);
            Tensor moved = logProbabilities(features.add(direction.mul(new Scalar(probe))), images, networks);
            Tensor divergence = usual.exp().mul(usual.sub(moved)).sum();
            return torch.grad(new TensorVector(divergence), new TensorVector(direction))
                    .get(0); // of the direction alone
        }
    }

    private static Tensor logProbabilities(Tensor features, Tensor images, List<SegmentationNetwork> networks) {
        Tensor sum = null;
        for (SegmentationNetwork network : networks) {
            // a tensor of its own, since a pass frees what it has read
            Tensor scores = network.forward(images, Taps.changing(Taps.ENCODER, own -> torch.alias(features)))
                    .logits();
            sum = sum == null ? scores : sum.add(scores);
        }
        return Objects.requireNonNull(sum)
                .div(new Scalar((double) networks.size()))
                .log_softmax(1);
    }

    private static Tensor normalised(Tensor batch) {
        return batch.div(norms(batch).clamp_min(new Scalar(TINY)));
    }

    /** Returns each image's length, {@code [N, 1, 1, 1]}. */
    private static Tensor norms(Tensor batch) {
        long[] ones = new long[Math.toIntExact(batch.dim())];
        Arrays.fill(ones, 1);
        ones[0] = batch.size(0);
        return batch.flatten(1, -1)
                .square()
                .sum(new long[] {1}, false, null)
                .sqrt()
                .reshape(ones);
    }

    @Override
    public String toString() {
        return "noise of length " + radius + " that confuses " + String.join(" and ", teachers);
    }
}
