package io.maskstream.trainer.network.operator;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Arithmetic and comparison, element by element with broadcasting. */
final class Arithmetic {
    private Arithmetic() {}

    static Map<String, OperationFactory> all() {
        Map<String, OperationFactory> map = new TreeMap<>();
        map.put("Add", binary(Tensor::add));
        map.put("Sub", binary(Tensor::sub));
        map.put("Mul", binary(Tensor::mul));
        map.put("Div", binary(Arithmetic::quotient));
        map.put("Pow", binary(torch::pow));
        map.put("Mod", binary(torch::remainder));
        map.put("Equal", binary(torch::eq));
        map.put("Greater", binary(torch::gt));
        map.put("GreaterOrEqual", binary(torch::ge));
        map.put("Less", binary(torch::lt));
        map.put("LessOrEqual", binary(torch::le));
        map.put("And", binary(torch::logical_and));
        map.put("Or", binary(torch::logical_or));
        map.put("Not", unary(torch::logical_not));
        map.put("Min", folded(torch::minimum));
        map.put("Max", folded(torch::maximum));
        map.put("Sum", folded(Tensor::add));
        map.put("Sqrt", unary(Tensor::sqrt));
        map.put("Exp", unary(Tensor::exp));
        map.put("Log", unary(Tensor::log));
        map.put("Abs", unary(Tensor::abs));
        map.put("Neg", unary(Tensor::neg));
        map.put("Reciprocal", unary(Tensor::reciprocal));
        map.put("Floor", unary(Tensor::floor));
        map.put("Ceil", unary(Tensor::ceil));
        map.put("Round", unary(Tensor::round));
        map.put("Sign", unary(Tensor::sign));
        map.put("Erf", unary(Tensor::erf));
        map.put("Where", node -> Operation.of(in -> torch.where(in.get(0), in.get(1), in.get(2))));
        return map;
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
