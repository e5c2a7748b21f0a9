package io.maskstream.trainer.run;

import io.maskstream.trainer.network.NonFinite;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The gradients of a network's parameters, taken together. */
final class Gradients {
    private Gradients() {}

    /** Returns the Euclidean norm of all gradients as one vector; not finite exactly if one of them is not. */
    static double norm(Map<String, Tensor> parameters) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            TensorVector norms = new TensorVector();
            for (Tensor parameter : parameters.values()) {
                Tensor gradient = parameter.grad();
                if (gradient.defined()) {
                    norms.push_back(gradient.norm());
                }
            }
            return norms.empty() ? 0 : torch.stack(norms).norm().item_double();
        }
    }

    /** Multiplies all gradients. */
    static void scale(Map<String, Tensor> parameters, double factor) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Scalar scale = new Scalar(factor);
            for (Tensor parameter : parameters.values()) {
                Tensor gradient = parameter.grad();
                if (gradient.defined()) {
                    gradient.mul_(scale);
                }
            }
        }
    }

    /** Names the first parameter whose gradient holds what is no finite number, and says what. */
    static Optional<Map.Entry<String, String>> firstNonFinite(Map<String, Tensor> parameters) {
        try (PointerScope scope = new PointerScope()) {
            for (Map.Entry<String, Tensor> parameter : parameters.entrySet()) {
                Optional<String> what = NonFinite.describe(parameter.getValue().grad());
                if (what.isPresent()) {
                    return Optional.of(Map.entry(parameter.getKey(), what.get()));
                }
            }
            return Optional.empty();
        }
    }
}
