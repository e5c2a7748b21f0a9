package io.maskstream.trainer.network.operator;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Products of matrices. */
final class Linear {
    private Linear() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("MatMul", node -> Operation.of(in -> torch.matmul(in.get(0), in.get(1)))),
                Operator.of("Gemm", Linear::general),
                Operator.of("Einsum", Linear::einsum).since(12));
    }

    /** {@code alpha * A * B + beta * C} in one call where there is a C. */
    private static Operation general(GraphNode node) {
        double alpha = node.number("alpha", 1);
        double beta = node.number("beta", 1);
        boolean first = node.flag("transA", false);
        boolean second = node.flag("transB", false);
        return Operation.of(in -> {
            Tensor a = first ? in.get(0).t() : in.get(0);
            Tensor b = second ? in.get(1).t() : in.get(1);
            if (in.has(2)) {
                return alpha == 1 && beta == 1
                        ? torch.addmm(in.get(2), a, b)
                        : torch.addmm(in.get(2), a, b, new Scalar(beta), new Scalar(alpha));
            }
            Tensor product = torch.mm(a, b);
            return alpha == 1 ? product : product.mul(new Scalar(alpha));
        });
    }

    /** ONNX writes its equations as libtorch does: letters, dots for the rest, an arrow or alphabetical order. */
    private static Operation einsum(GraphNode node) {
        String equation = node.text("equation", "");
        return Operation.of(in -> {
            TensorVector factors = new TensorVector(in.size());
            for (int i = 0; i < in.size(); i++) {
                factors.put(i, in.get(i));
            }
            return torch.einsum(equation, factors);
        });
    }
}
