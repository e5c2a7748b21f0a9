package io.maskstream.trainer.network.operator;

import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * How functions of single values become operations on tensors, broadcast as ONNX says (the same way as libtorch).
 *
 * <p>Shape arithmetic stays on the processor. Where one of two values lies there and the other does not, the first is moved;
 * a single number is taken as it is, since libtorch mixes it with any device.
 */
final class Elementwise {
    private Elementwise() {}

    static OperationFactory unary(UnaryOperator<Tensor> function) {
        return node -> Operation.of(in -> function.apply(in.get(0)));
    }

    static OperationFactory binary(BinaryOperator<Tensor> function) {
        return node -> Operation.of(in -> together(function, in.get(0), in.get(1)));
    }

    /** Folds any number of inputs from the left. */
    static OperationFactory folded(BinaryOperator<Tensor> function) {
        return node -> Operation.of(in -> fold(function, in));
    }

    static Tensor fold(BinaryOperator<Tensor> function, Inputs in) {
        Tensor result = new Tensor(in.get(0));
        for (int i = 1; i < in.size(); i++) {
            result = together(function, result, in.get(i));
        }
        return result;
    }

    static Tensor together(BinaryOperator<Tensor> function, Tensor first, Tensor second) {
        return function.apply(Inputs.beside(first, second), Inputs.beside(second, first));
    }
}
