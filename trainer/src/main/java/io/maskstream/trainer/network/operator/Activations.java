package io.maskstream.trainer.network.operator;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Activations, element by element or over an axis. */
final class Activations {
    private Activations() {}

    static List<Operator> all() {
        List<Operator> rows = new ArrayList<>();
        rows.add(Operator.of("Relu", node -> Operation.of(in -> in.get(0).relu())));
        rows.add(Operator.of("LeakyRelu", Activations::leaky));
        rows.add(Operator.of("PRelu", node -> Operation.of(in -> sloped(in.get(0), in.get(1)))));
        rows.add(Operator.of("Clip", Activations::clip));
        rows.add(Operator.of("Sigmoid", node -> Operation.of(in -> in.get(0).sigmoid())));
        rows.add(Operator.of("Tanh", node -> Operation.of(in -> in.get(0).tanh())));
        rows.add(Operator.of("HardSigmoid", Activations::hardSigmoid));
        rows.add(Operator.of("HardSwish", node -> Operation.of(in -> torch.hardswish(in.get(0))))
                .since(14));
        rows.add(Operator.of("Elu", Activations::elu));
        rows.add(Operator.of("Selu", node -> Operation.of(in -> torch.selu(in.get(0)))));
        rows.add(Operator.of("Gelu", Activations::gelu).since(20));
        rows.add(Operator.of("Mish", node -> Operation.of(in -> torch.mish(in.get(0))))
                .since(18));
        rows.add(Operator.of("Softplus", node -> Operation.of(in -> torch.softplus(in.get(0)))));
        rows.add(Operator.of(
                "Softsign",
                node -> Operation.of(in -> in.get(0).div(in.get(0).abs().add(new Scalar(1.0))))));
        rows.add(Operator.of("Softmax", node -> axis(node, (value, axis) -> torch.softmax(value, axis))));
        rows.add(Operator.of("LogSoftmax", node -> axis(node, (value, axis) -> torch.log_softmax(value, axis))));
        return rows;
    }

    /** A function along one axis. */
    private interface AlongAxis {
        Tensor apply(Tensor value, long axis);
    }

    /** Over one axis; up to operator set 12 over all axes from that one on, as over the columns of a matrix. */
    private static Operation axis(GraphNode node, AlongAxis function) {
        if (node.opset() >= 13) {
            long axis = node.integer("axis", -1);
            return Operation.of(in -> function.apply(in.get(0), axis));
        }
        long axis = node.integer("axis", 1);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            long from = axis < 0 ? axis + value.dim() : axis;
            if (from == value.dim() - 1) {
                return function.apply(value, from);
            }
            return function.apply(value.flatten(from, -1), from).reshape(Inputs.shape(value));
        });
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
