package io.maskstream.trainer.network.operator;

import java.util.List;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Comparisons, truths, and the choice between two values by a truth. */
final class Logic {
    private Logic() {}

    static List<Operator> all() {
        return List.of(
                truth("Equal", torch::eq),
                truth("Greater", torch::gt),
                truth("GreaterOrEqual", torch::ge).since(12),
                truth("Less", torch::lt),
                truth("LessOrEqual", torch::le).since(12),
                truth("And", torch::logical_and),
                truth("Or", torch::logical_or),
                truth("Xor", torch::logical_xor),
                Operator.of("Not", Elementwise.unary(torch::logical_not)).withoutGradient(),
                Operator.of("IsNaN", Elementwise.unary(torch::isnan)).withoutGradient(),
                Operator.of("IsInf", Logic::isInfinite).withoutGradient(),
                Operator.of("Where", node -> Operation.of(Logic::where)));
    }

    private static Operator truth(String name, BinaryOperator<Tensor> function) {
        return Operator.of(name, Elementwise.binary(function)).withoutGradient();
    }

    private static Operation isInfinite(GraphNode node) {
        boolean negative = node.flag("detect_negative", true);
        boolean positive = node.flag("detect_positive", true);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            if (negative && positive) {
                return torch.isinf(value);
            }
            if (negative || positive) {
                return negative ? torch.isneginf(value) : torch.isposinf(value);
            }
            return torch.zeros_like(value).to(torch.ScalarType.Bool);
        });
    }

    /** The two values are brought together, then the truth is brought to them. */
    private static Tensor where(Inputs in) {
        Tensor chosen = Inputs.beside(in.get(1), in.get(2));
        Tensor other = Inputs.beside(in.get(2), in.get(1));
        Tensor condition = Inputs.beside(in.get(0), chosen.is_cpu() ? other : chosen);
        return torch.where(condition, Inputs.beside(chosen, condition), Inputs.beside(other, condition));
    }
}
