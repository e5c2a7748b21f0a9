package io.maskstream.trainer.network.operator;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Products of matrices. */
final class Linear {
    private Linear() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("MatMul", node -> Operation.of(in -> torch.matmul(in.get(0), in.get(1)))),
                Operator.of("Gemm", Linear::general));
    }

    private static Operation general(GraphNode node) {
        double alpha = node.number("alpha", 1);
        double beta = node.number("beta", 1);
        boolean first = node.flag("transA", false);
        boolean second = node.flag("transB", false);
        return Operation.of(in -> {
            Tensor a = first ? in.get(0).t() : in.get(0);
            Tensor b = second ? in.get(1).t() : in.get(1);
            Tensor product = torch.matmul(a, b);
            if (alpha != 1) {
                product = product.mul(new Scalar(alpha));
            }
            if (!in.has(2)) {
                return product;
            }
            return product.add(beta == 1 ? in.get(2) : in.get(2).mul(new Scalar(beta)));
        });
    }
}
