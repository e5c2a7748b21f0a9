package io.maskstream.trainer.network.operator;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operator over drawn attributes, shapes and operator sets, against ONNX Runtime and finite differences.
 *
 * <p>The draws are the same in every run; {@code -Dmaskstream.oracle.seed=N} takes others, {@code
 * -Dmaskstream.oracle.draws=N} takes N times as many.
 */
class OperatorOracleTest {
    private static final long SEED = Long.getLong("maskstream.oracle.seed", 0);
    private static final int TIMES = Integer.getInteger("maskstream.oracle.draws", 1);

    @Test
    void hasAnEntryForEveryRow_thatComparesGradientsIfItHasOne() {
        assertThat(Operators.all()).allSatisfy(operator -> assertThat(OperatorOracles.all())
                .as("the operator %s has no test; add an entry to a family in OperatorOracles", operator.name())
                .anyMatch(entry -> entry.operator().equals(operator.name())
                        && (entry.gradient() || operator.gradient() == Operator.Gradient.NONE)));
    }

    @ParameterizedTest
    @MethodSource("entries")
    void agreesWithOnnxRuntimeAndFiniteDifferences(OracleEntry entry) {
        Operator operator = Operators.named(entry.operator()).orElseThrow();
        for (int i = 0; i < TIMES * entry.draws(); i++) {
            long seed = 1_000_003 * (SEED + entry.toString().hashCode()) + i;
            Draw draw = new Draw(seed, entry.opset(i));
            ModelProto model = draw.model(entry.generator().apply(draw));
            try {
                assertThat(model.getGraph().getNodeList())
                        .extracting(NodeProto::getOpType)
                        .contains(entry.operator());
                OperatorOracle oracle = new OperatorOracle(model, draw);
                oracle.compareValues(operator.tolerance());
                if (entry.gradient() && operator.gradient() == Operator.Gradient.FLOWS) {
                    oracle.compareGradients(seed);
                }
            } catch (Exception | AssertionError e) {
                throw new AssertionError(
                        "draw " + i + " of " + entry + ", operator set " + entry.opset(i) + ": " + e.getMessage() + "\n"
                                + nodes(model),
                        e);
            }
        }
    }

    private static String nodes(ModelProto model) {
        StringBuilder text = new StringBuilder();
        model.getGraph().getInitializerList().forEach(value -> text.append(value.getName())
                .append(' ')
                .append(value.getDimsList())
                .append('\n'));
        model.getGraph().getNodeList().forEach(node -> text.append(node).append('\n'));
        return text.toString();
    }

    static List<OracleEntry> entries() {
        return OperatorOracles.all();
    }
}
