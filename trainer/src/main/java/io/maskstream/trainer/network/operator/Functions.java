package io.maskstream.trainer.network.operator;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Functions of one value, element by element. */
final class Functions {
    private Functions() {}

    static List<Operator> all() {
        List<Operator> rows = new ArrayList<>(List.of(
                Operator.of("Abs", Elementwise.unary(Tensor::abs)),
                Operator.of("Neg", Elementwise.unary(Tensor::neg)),
                Operator.of("Sqrt", Elementwise.unary(Tensor::sqrt)),
                Operator.of("Exp", Elementwise.unary(Tensor::exp)),
                Operator.of("Log", Elementwise.unary(Tensor::log)),
                Operator.of("Reciprocal", Elementwise.unary(Tensor::reciprocal)),
                Operator.of("Erf", Elementwise.unary(Tensor::erf))));
        rows.addAll(trigonometric());
        rows.addAll(List.of(
                Operator.of("Floor", Elementwise.unary(Tensor::floor)).withoutGradient(),
                Operator.of("Ceil", Elementwise.unary(Tensor::ceil)).withoutGradient(),
                Operator.of("Round", Elementwise.unary(Tensor::round))
                        .withoutGradient()
                        .noting("halves go to the even neighbour"),
                Operator.of("Sign", Elementwise.unary(Tensor::sign)).withoutGradient()));
        return rows;
    }

    private static List<Operator> trigonometric() {
        return List.of(
                Operator.of("Sin", Elementwise.unary(Tensor::sin)),
                Operator.of("Cos", Elementwise.unary(Tensor::cos)),
                Operator.of("Tan", Elementwise.unary(Tensor::tan)),
                Operator.of("Asin", Elementwise.unary(Tensor::asin)),
                Operator.of("Acos", Elementwise.unary(Tensor::acos)),
                Operator.of("Atan", Elementwise.unary(Tensor::atan)),
                Operator.of("Sinh", Elementwise.unary(Tensor::sinh)),
                Operator.of("Cosh", Elementwise.unary(Tensor::cosh)),
                Operator.of("Asinh", Elementwise.unary(Tensor::asinh)),
                Operator.of("Acosh", Elementwise.unary(Tensor::acosh)),
                Operator.of("Atanh", Elementwise.unary(Tensor::atanh)));
    }
}
