package io.maskstream.trainer.network.operator;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Arithmetic and comparison, element by element with broadcasting. */
final class Arithmetic {
    private Arithmetic() {}

    static List<Operator> all() {
        List<Operator> rows = new ArrayList<>();
        rows.add(Operator.of("Add", binary(Tensor::add)));
        rows.add(Operator.of("Sub", binary(Tensor::sub)));
        rows.add(Operator.of("Mul", binary(Tensor::mul)));
        rows.add(Operator.of("Div", binary(Arithmetic::quotient)));
        rows.add(Operator.of("Pow", binary(torch::pow)));
        rows.add(Operator.of("Mod", binary(torch::remainder)));
        rows.add(Operator.of("Equal", binary(torch::eq)));
        rows.add(Operator.of("Greater", binary(torch::gt)));
        rows.add(Operator.of("GreaterOrEqual", binary(torch::ge)));
        rows.add(Operator.of("Less", binary(torch::lt)));
        rows.add(Operator.of("LessOrEqual", binary(torch::le)));
        rows.add(Operator.of("And", binary(torch::logical_and)));
        rows.add(Operator.of("Or", binary(torch::logical_or)));
        rows.add(Operator.of("Not", unary(torch::logical_not)));
        rows.add(Operator.of("Min", folded(torch::minimum)));
        rows.add(Operator.of("Max", folded(torch::maximum)));
        rows.add(Operator.of("Sum", folded(Tensor::add)));
        rows.add(Operator.of("Sqrt", unary(Tensor::sqrt)));
        rows.add(Operator.of("Exp", unary(Tensor::exp)));
        rows.add(Operator.of("Log", unary(Tensor::log)));
        rows.add(Operator.of("Abs", unary(Tensor::abs)));
        rows.add(Operator.of("Neg", unary(Tensor::neg)));
        rows.add(Operator.of("Reciprocal", unary(Tensor::reciprocal)));
        rows.add(Operator.of("Floor", unary(Tensor::floor)));
        rows.add(Operator.of("Ceil", unary(Tensor::ceil)));
        rows.add(Operator.of("Round", unary(Tensor::round)));
        rows.add(Operator.of("Sign", unary(Tensor::sign)));
        rows.add(Operator.of("Erf", unary(Tensor::erf)));
        rows.add(Operator.of("Where", node -> Operation.of(in -> torch.where(in.get(0), in.get(1), in.get(2)))));
        return rows;
    }

    private static OperationFactory unary(UnaryOperator<Tensor> function) {
        return node -> Operation.of(in -> function.apply(in.get(0)));
    }

    private static OperationFactory binary(BinaryOperator<Tensor> function) {
        return node -> Operation.of(in -> function.apply(in.get(0), in.get(1)));
    }

    private static OperationFactory folded(BinaryOperator<Tensor> function) {
        return node -> Operation.of(in -> {
            Tensor result = new Tensor(in.get(0));
            for (int i = 1; i < in.size(); i++) {
                result = function.apply(result, in.get(i));
            }
            return result;
        });
    }

    /** Integers, which are sizes and so exact as doubles, are divided towards zero, as ONNX says. */
    private static Tensor quotient(Tensor dividend, Tensor divisor) {
        torch.ScalarType type = dividend.scalar_type();
        if (torch.isIntegralType(type, false)) {
            return dividend.to(torch.ScalarType.Double).div(divisor).trunc().to(type);
        }
        return dividend.div(divisor);
    }
}
