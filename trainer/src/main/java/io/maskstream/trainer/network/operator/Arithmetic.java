package io.maskstream.trainer.network.operator;

import java.util.List;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Arithmetic of two or more values, element by element. */
final class Arithmetic {
    private Arithmetic() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("Add", Elementwise.binary(Tensor::add)),
                Operator.of("Sub", Elementwise.binary(Tensor::sub)),
                Operator.of("Mul", Elementwise.binary(Tensor::mul)),
                Operator.of("Div", Elementwise.binary(Arithmetic::quotient)).noting("integers are cut towards zero"),
                Operator.of("Pow", node -> Operation.of(in -> power(in.get(0), in.get(1)))),
                Operator.of("Mod", Arithmetic::remainder),
                Operator.of("Min", Elementwise.folded(torch::minimum)),
                Operator.of("Max", Elementwise.folded(torch::maximum)),
                Operator.of("Sum", Elementwise.folded(Tensor::add)),
                Operator.of("Mean", node -> Operation.of(Arithmetic::mean)));
    }

    /** The quotient, of integers cut towards zero: {@code (a - a mod b) / b}, which is exact for all of them. */
    static Tensor quotient(Tensor dividend, Tensor divisor) {
        if (!torch.isIntegralType(dividend.scalar_type(), false)) {
            return dividend.div(divisor);
        }
        return torch.floor_divide(dividend.sub(torch.fmod(dividend, divisor)), divisor);
    }

    /** The type is that of the base, whatever the exponent's; a constant exponent has the cheaper derivative. */
    private static Tensor power(Tensor base, Tensor exponent) {
        boolean constant = exponent.dim() == 0 && exponent.is_cpu() && !exponent.requires_grad();
        Tensor power = constant ? torch.pow(base, exponent.item()) : Elementwise.together(torch::pow, base, exponent);
        return power.scalar_type() == base.scalar_type() ? power : power.to(base.scalar_type());
    }

    /** The sign is the divisor's, or with {@code fmod} the dividend's. */
    private static Operation remainder(GraphNode node) {
        BinaryOperator<Tensor> function = node.flag("fmod", false) ? torch::fmod : torch::remainder;
        return Operation.of(in -> Elementwise.together(function, in.get(0), in.get(1)));
    }

    private static Tensor mean(Inputs in) {
        return Elementwise.fold(Tensor::add, in).div(new Scalar((double) in.size()));
    }
}
