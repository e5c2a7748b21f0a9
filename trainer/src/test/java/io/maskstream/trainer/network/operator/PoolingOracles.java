package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.ints;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Poolings of one to three dimensions, with every attribute. */
final class PoolingOracles {
    private static final int DRAWS = 40;

    private PoolingOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                OracleEntry.of("MaxPool", draw -> pooling(draw, "MaxPool")).draws(DRAWS),
                OracleEntry.of("AveragePool", draw -> pooling(draw, "AveragePool"))
                        .draws(DRAWS),
                OracleEntry.of("LpPool", draw -> pooling(draw, "LpPool")).draws(DRAWS),
                OracleEntry.of("GlobalAveragePool", draw -> global(draw, "GlobalAveragePool")),
                OracleEntry.of("GlobalMaxPool", draw -> global(draw, "GlobalMaxPool")),
                OracleEntry.of("GlobalLpPool", draw -> global(draw, "GlobalLpPool")));
    }

    private static String global(Draw draw, String operator) {
        String x = draw.apart(Windowing.shape(draw, draw.between(1, 3), draw.between(1, 3), 1, 5));
        return operator.equals("GlobalLpPool") && draw.chance()
                ? draw.node(operator, List.of(x), integer("p", draw.between(1, 3)))
                : draw.node(operator, List.of(x));
    }

    private static String pooling(Draw draw, String operator) {
        int dimensions = draw.any(1, 2, 2, 3);
        long[] kernel = draw.integers(dimensions, 2, 3);
        List<AttributeProto> given = new ArrayList<>(List.of(ints("kernel_shape", kernel)));
        Windowing.strides(draw, given, dimensions);
        int smallest = (int) Arrays.stream(kernel).min().orElseThrow();
        boolean same = Windowing.padding(draw, given, dimensions, smallest);
        boolean average = operator.equals("AveragePool");
        boolean newer = draw.opset() >= 18;
        boolean dilated = average ? draw.opset() >= 19 : newer || operator.equals("MaxPool");
        if (dilated && !same) {
            Windowing.dilations(draw, given, dimensions);
        }
        if ((newer || !operator.equals("LpPool")) && draw.chance()) {
            given.add(integer("ceil_mode", 1));
        }
        if (average && draw.chance()) {
            given.add(integer("count_include_pad", 1));
        }
        if (operator.equals("LpPool") && draw.chance()) {
            given.add(integer("p", draw.between(1, 3)));
        }
        String x = draw.apart(Windowing.shape(draw, draw.between(1, 2), dimensions, 5, 8));
        return draw.node(operator, List.of(x), given.toArray(AttributeProto[]::new));
    }
}
