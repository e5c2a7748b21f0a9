package io.maskstream.trainer.network.operator;

import java.util.List;
import java.util.stream.Stream;

/**
 * The entries of all operators; a family of operators is one class that returns its entries, with a line here.
 *
 * <p>An entry is a function that draws: it asks a {@link Draw} for shapes, attributes and values, adds the node and returns
 * its output. From that alone follow the comparison of values with ONNX Runtime in the tolerance of the operator's row,
 * and, unless the row has no gradient, the comparison of gradients with finite differences:
 *
 * <pre>{@code
 * OracleEntry.of("LeakyRelu", draw -> {
 *     String x = draw.noise(draw.shape(draw.between(1, 4), 5), 0); // clear of the kink at 0
 *     return draw.node("LeakyRelu", List.of(x), real("alpha", draw.real(-0.5, 0.5)));
 * })
 * }</pre>
 *
 * <ul>
 *   <li>Float initializers are differentiated by: {@code noise}, {@code apart} (no two alike, for maxima), {@code uniform}.
 *       Those of {@code constant} are not.
 *   <li>{@code draw.opset()} is the operator set; an operator whose form changed asks for it and writes the form of its day.
 *   <li>What ONNX Runtime refuses must not be drawn: a draw that it refuses fails.
 *   <li>Several outputs: {@code draw.nodes(…)} and {@code draw.compare(names)}.
 *   <li>Several entries for one operator are fine, told apart by {@code form}.
 * </ul>
 */
final class OperatorOracles {
    private OperatorOracles() {}

    static List<OracleEntry> all() {
        return Stream.of(
                        ActivationOracles.all(),
                        ConvolutionOracles.all(),
                        NormalisationOracles.all(),
                        PoolingOracles.all(),
                        SamplingOracles.all(),
                        ArithmeticOracles.all(),
                        FunctionOracles.all(),
                        GatheringOracles.all(),
                        LinearOracles.all(),
                        LogicOracles.all(),
                        ReductionOracles.all(),
                        ResizeOracles.all(),
                        ShapeOracles.all(),
                        ShapingOracles.all(),
                        SlicingOracles.all())
                .flatMap(List::stream)
                .toList();
    }
}
