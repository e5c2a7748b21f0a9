package io.maskstream.trainer.network.operator;

import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Activations, element by element or over an axis. */
final class Activations {
    private Activations() {}

    static Map<String, OperationFactory> all() {
        Map<String, OperationFactory> map = new TreeMap<>();
        map.put("Relu", node -> Operation.of(in -> in.get(0).relu()));
        map.put("LeakyRelu", Activations::leaky);
        map.put("PRelu", node -> Operation.of(in -> sloped(in.get(0), in.get(1))));
        map.put("Clip", Activations::clip);
        map.put("Sigmoid", node -> Operation.of(in -> in.get(0).sigmoid()));
        map.put("Tanh", node -> Operation.of(in -> in.get(0).tanh()));
        map.put("HardSigmoid", Activations::hardSigmoid);
        map.put("HardSwish", node -> Operation.of(in -> torch.hardswish(in.get(0))));
        map.put("Elu", Activations::elu);
        map.put("Selu", node -> Operation.of(in -> torch.selu(in.get(0))));
        map.put("Gelu", Activations::gelu);
        map.put("Mish", node -> Operation.of(in -> torch.mish(in.get(0))));
        map.put("Softplus", node -> Operation.of(in -> torch.softplus(in.get(0))));
        map.put(
                "Softsign",
                node -> Operation.of(in -> in.get(0).div(in.get(0).abs().add(new Scalar(1.0)))));
        map.put("Softmax", node -> axis(node, (value, axis) -> torch.softmax(value, axis)));
        map.put("LogSoftmax", node -> axis(node, (value, axis) -> torch.log_softmax(value, axis)));
        return map;
    }

    /** A function along one axis. */
    private interface AlongAxis {
        Tensor apply(Tensor value, long axis);
    }

    private static Operation axis(GraphNode node, AlongAxis function) {
        long axis = node.integer("axis", -1);
        return Operation.of(in -> function.apply(in.get(0), axis));
    }

    private static Operation leaky(GraphNode node) {
        double alpha = node.number("alpha", 0.01);
        return Operation.of(in -> torch.leaky_relu(in.get(0), new Scalar(alpha)));
    }

    /** The slope is broadcast as ONNX does, {@code [C, 1, 1]} for one a channel, where libtorch wants {@code [C]}. */
    private static Tensor sloped(Tensor value, Tensor slope) {
        Tensor below = value.clamp_max(new Scalar(0.0)).mul(slope);
        return value.relu().add(below);
    }

    private static Operation clip(GraphNode node) {
        return Operation.of(in -> {
            if (in.has(1) && in.has(2)) {
                return torch.clamp(in.get(0), scalar(in, 1), scalar(in, 2));
            }
            if (in.has(1)) {
                return torch.clamp(in.get(0), scalar(in, 1));
            }
            return in.has(2) ? torch.clamp(in.get(0), new ScalarOptional(), scalar(in, 2)) : new Tensor(in.get(0));
        });
    }

    private static ScalarOptional scalar(Inputs in, int index) {
        return new ScalarOptional(in.get(index).item());
    }

    private static Operation hardSigmoid(GraphNode node) {
        double alpha = node.number("alpha", 0.2);
        double beta = node.number("beta", 0.5);
        return Operation.of(in -> torch.clamp(
                in.get(0).mul(new Scalar(alpha)).add(new Scalar(beta)),
                new ScalarOptional(new Scalar(0.0)),
                new ScalarOptional(new Scalar(1.0))));
    }

    private static Operation elu(GraphNode node) {
        double alpha = node.number("alpha", 1);
        return Operation.of(in -> torch.elu(in.get(0), new Scalar(alpha), new Scalar(1.0), new Scalar(1.0)));
    }

    private static Operation gelu(GraphNode node) {
        String approximate = node.text("approximate", "none");
        return Operation.of(in -> torch.gelu(in.get(0), approximate));
    }
}
