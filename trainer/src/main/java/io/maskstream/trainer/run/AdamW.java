package io.maskstream.trainer.run;

import io.maskstream.trainer.libtorch.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Adam with decoupled weight decay, its state in named tensors so that a checkpoint can hold it.
 *
 * <p>Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, with bias correction as in PyTorch. Weights decay, biases
 * and scales of normalisations (tensors of one dimension) do not. A named group, the head, may learn at a multiple of the rate.
 */
final class AdamW implements AutoCloseable {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    private final Map<String, Tensor> parameters;
    private final Map<String, Tensor> means = new LinkedHashMap<>();
    private final Map<String, Tensor> squares = new LinkedHashMap<>();
    private final double weightDecay;
    private final Set<String> head;
    private final double headFactor;
    private long steps;

    /**
     * @param parameters changed in place
     * @param head names of the parameters that learn at {@code headFactor} times the rate
     */
    AdamW(Map<String, Tensor> parameters, double weightDecay, Set<String> head, double headFactor) {
        this.parameters = parameters;
        this.weightDecay = weightDecay;
        this.head = Set.copyOf(head);
        this.headFactor = headFactor;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            parameters.forEach((name, parameter) -> {
                means.put(name, Torch.keep(torch.zeros_like(parameter)));
                squares.put(name, Torch.keep(torch.zeros_like(parameter)));
            });
        }
    }

    /** Takes all parameters as one group. */
    AdamW(Map<String, Tensor> parameters, double weightDecay) {
        this(parameters, weightDecay, Set.of(), 1);
    }

    /** How far a group goes in one step: what its weights are multiplied with first, and how far they move. */
    private record Pace(Scalar decay, Scalar move) {
        static Pace of(double learningRate, double weightDecay, double correction) {
            return new Pace(new Scalar(1 - learningRate * weightDecay), new Scalar(-learningRate / correction));
        }
    }

    /** Changes every parameter that has a gradient. */
    void step(double learningRate) {
        steps++;
        double correction1 = 1 - Math.pow(BETA1, (double) steps);
        double correction2 = Math.sqrt(1 - Math.pow(BETA2, (double) steps));
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Scalar beta1 = new Scalar(BETA1);
            Scalar beta2 = new Scalar(BETA2);
            Scalar rest2 = new Scalar(1 - BETA2);
            Scalar rest1 = new Scalar(1 - BETA1);
            Scalar scale = new Scalar(1 / correction2);
            Scalar epsilon = new Scalar(EPSILON);
            Pace usual = Pace.of(learningRate, weightDecay, correction1);
            Pace faster = Pace.of(learningRate * headFactor, weightDecay, correction1);
            for (Map.Entry<String, Tensor> entry : parameters.entrySet()) {
                Tensor parameter = entry.getValue();
                Tensor gradient = parameter.grad();
                if (!gradient.defined()) {
                    continue;
                }
                Pace pace = head.contains(entry.getKey()) ? faster : usual;
                Tensor mean = state(means, entry.getKey());
                Tensor square = state(squares, entry.getKey());
                if (parameter.dim() > 1 && weightDecay > 0) {
                    parameter.mul_(pace.decay());
                }
                mean.mul_(beta1).add_(gradient, rest1);
                square.mul_(beta2).addcmul_(gradient, gradient, rest2);
                parameter.addcdiv_(mean, square.sqrt().mul_(scale).add_(epsilon), pace.move());
            }
        }
    }

    /** Adds the state to a checkpoint, each name after the prefix. */
    void save(String prefix, Map<String, Tensor> checkpoint) {
        means.forEach((name, tensor) -> checkpoint.put(prefix + "mean/" + name, tensor));
        squares.forEach((name, tensor) -> checkpoint.put(prefix + "square/" + name, tensor));
        checkpoint.put(prefix + "steps", torch.tensor(new long[] {steps}));
    }

    /** Takes the state from a checkpoint. */
    void load(String prefix, Map<String, Tensor> checkpoint) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            means.forEach((name, tensor) -> tensor.copy_(state(checkpoint, prefix + "mean/" + name)));
            squares.forEach((name, tensor) -> tensor.copy_(state(checkpoint, prefix + "square/" + name)));
            steps = state(checkpoint, prefix + "steps").cpu().item_long();
        }
    }

    private static Tensor state(Map<String, Tensor> tensors, String name) {
        @Nullable Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the checkpoint has no " + name);
        }
        return tensor;
    }

    @Override
    public void close() {
        means.values().forEach(Torch::release);
        squares.values().forEach(Torch::release);
        means.clear();
        squares.clear();
    }
}
