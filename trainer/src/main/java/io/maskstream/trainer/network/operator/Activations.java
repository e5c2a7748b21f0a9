package io.maskstream.trainer.network.operator;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Activations, element by element. */
final class Activations {
    private static final double SELU_ALPHA = 1.6732631921768188; // the defaults of ONNX, which are of float32
    private static final double SELU_GAMMA = 1.0507010221481323;

    private Activations() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("Relu", node -> Operation.of(Activations::rectified))
                        .within(0),
                Operator.of("Sigmoid", plain(Tensor::sigmoid)),
                Operator.of("Tanh", plain(Tensor::tanh)),
                Operator.of("Softplus", plain(torch::softplus)).noting("x itself above 20, where they differ by 2e-9"),
                Operator.of("Softsign", plain(value -> value.div(value.abs().add(new Scalar(1.0))))),
                Operator.of("HardSwish", plain(torch::hardswish)).since(14),
                Operator.of("Mish", plain(torch::mish)).since(18),
                Operator.of("LeakyRelu", Activations::leaky),
                Operator.of("PRelu", Activations::sloped).noting("the slope is broadcast and learns"),
                Operator.of("ThresholdedRelu", Activations::thresholded).within(0),
                Operator.of("Clip", Activations::clip).within(0).noting("the bounds have no gradient"),
                Operator.of("HardSigmoid", Activations::hardSigmoid),
                Operator.of("Elu", Activations::elu),
                Operator.of("Selu", Activations::selu),
                Operator.of("Celu", Activations::celu).since(12),
                Operator.of("Gelu", Activations::gelu).since(20),
                Operator.of("Shrink", Activations::shrink));
    }

    private static OperationFactory plain(UnaryOperator<Tensor> function) {
        return node -> Operation.of(in -> function.apply(in.get(0)));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__LeakyRelu.html">LeakyRelu</a>. */
    private static Operation leaky(GraphNode node) {
        double alpha = node.number("alpha", 0.01);
        return Operation.of(in -> torch.leaky_relu(in.get(0), new Scalar(alpha)));
    }

    /**
     * <a href="https://onnx.ai/onnx/operators/onnx__PRelu.html">PRelu</a>; the slope is broadcast as ONNX does, {@code
     * [C, 1, 1]} for one a channel, where libtorch wants {@code [C]}.
     */
    private static Operation sloped(GraphNode node) {
        return Operation.of(in -> {
            Tensor below = in.get(0).clamp_max(new Scalar(0.0)).mul(in.get(1));
            return in.get(0).relu().add(below);
        });
    }

    private static Tensor rectified(Inputs in) {
        if (!in.mayOverwrite()) {
            return in.get(0).relu();
        }
        torch.relu_(in.get(0));
        return new Tensor(in.get(0));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__ThresholdedRelu.html">ThresholdedRelu</a>. */
    private static Operation thresholded(GraphNode node) {
        double alpha = node.number("alpha", 1);
        return Operation.of(in -> torch.threshold(in.get(0), new Scalar(alpha), new Scalar(0.0)));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__Clip.html">Clip</a>; either bound may be absent. */
    private static Operation clip(GraphNode node) {
        return Operation.of(in -> {
            if (in.has(1) && in.has(2)) {
                return between(in);
            }
            if (in.has(1)) {
                return torch.clamp(in.get(0), scalar(in, 1));
            }
            return in.has(2) ? torch.clamp(in.get(0), new ScalarOptional(), scalar(in, 2)) : new Tensor(in.get(0));
        });
    }

    /** For features as libtorch's hard tangent, whose backward pass is one kernel where that of a clamp is several. */
    private static Tensor between(Inputs in) {
        Tensor value = in.get(0);
        if (!torch.isFloatingType(value.scalar_type())) {
            return torch.clamp(value, scalar(in, 1), scalar(in, 2));
        }
        Scalar low = in.get(1).item();
        Scalar high = in.get(2).item();
        if (!in.mayOverwrite()) {
            return torch.hardtanh(value, low, high);
        }
        torch.hardtanh_(value, low, high);
        return new Tensor(value);
    }

    private static ScalarOptional scalar(Inputs in, int index) {
        return new ScalarOptional(in.get(index).item());
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__HardSigmoid.html">HardSigmoid</a>. */
    private static Operation hardSigmoid(GraphNode node) {
        double alpha = node.number("alpha", 0.2);
        double beta = node.number("beta", 0.5);
        return Operation.of(in -> torch.clamp(
                in.get(0).mul(new Scalar(alpha)).add(new Scalar(beta)),
                new ScalarOptional(new Scalar(0.0)),
                new ScalarOptional(new Scalar(1.0))));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__Elu.html">Elu</a>. */
    private static Operation elu(GraphNode node) {
        return exponential(node.number("alpha", 1), 1, 1);
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__Selu.html">Selu</a>. */
    private static Operation selu(GraphNode node) {
        return exponential(node.number("alpha", SELU_ALPHA), node.number("gamma", SELU_GAMMA), 1);
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__Celu.html">Celu</a>. */
    private static Operation celu(GraphNode node) {
        double alpha = node.number("alpha", 1);
        return exponential(alpha, 1, 1 / alpha);
    }

    private static Operation exponential(double alpha, double scale, double inputScale) {
        return Operation.of(in -> torch.elu(in.get(0), new Scalar(alpha), new Scalar(scale), new Scalar(inputScale)));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__Gelu.html">Gelu</a>, exact or by the hyperbolic tangent. */
    private static Operation gelu(GraphNode node) {
        String approximate = node.text("approximate", "none");
        if (!approximate.equals("none") && !approximate.equals("tanh")) {
            throw node.unsupported("approximate " + approximate);
        }
        return Operation.of(in -> torch.gelu(in.get(0), approximate));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__Shrink.html">Shrink</a>: 0 near 0, moved by the bias beyond. */
    private static Operation shrink(GraphNode node) {
        double bias = node.number("bias", 0);
        double bound = node.number("lambd", 0.5);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            Tensor above =
                    torch.where(value.gt(new Scalar(bound)), value.sub(new Scalar(bias)), torch.zeros_like(value));
            return torch.where(value.lt(new Scalar(-bound)), value.add(new Scalar(bias)), above);
        });
    }
}
