package io.maskstream.trainer.network.operator;

import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What makes scores to shares of one.
 *
 * <p>Over one axis; up to operator set 12 over all axes from that one on, as over the columns of a matrix.
 */
final class Distributions {
    private Distributions() {}

    static List<Operator> all() {
        String note = "up to 12 over all axes from axis on";
        return List.of(
                Operator.of("Softmax", Distributions::softmax).noting(note),
                Operator.of("LogSoftmax", Distributions::logSoftmax).noting(note),
                Operator.of("Hardmax", Distributions::hardmax)
                        .withoutGradient()
                        .within(0)
                        .noting(note));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__Softmax.html">Softmax</a>. */
    private static Operation softmax(GraphNode node) {
        return along(node, torch::softmax);
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__LogSoftmax.html">LogSoftmax</a>. */
    private static Operation logSoftmax(GraphNode node) {
        return along(node, torch::log_softmax);
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__Hardmax.html">Hardmax</a>: 1 at the first maximum, else 0. */
    private static Operation hardmax(GraphNode node) {
        return along(node, (value, axis) -> {
            Tensor at = torch.argmax(value, new LongOptional(axis), true);
            return torch.zeros_like(value).scatter(axis, at, new Scalar(1.0));
        });
    }

    /** A function along one axis. */
    private interface AlongAxis {
        Tensor apply(Tensor value, long axis);
    }

    private static Operation along(GraphNode node, AlongAxis function) {
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
}
