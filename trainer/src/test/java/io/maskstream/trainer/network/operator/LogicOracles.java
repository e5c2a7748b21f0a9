package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.trainer.network.operator.ArithmeticOracles.part;
import static io.maskstream.trainer.network.operator.ArithmeticOracles.shape;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.List;

/** Comparisons of values of which some are equal, truths, and the choice by a truth. */
final class LogicOracles {
    private LogicOracles() {}

    static List<OracleEntry> all() {
        List<OracleEntry> entries = new ArrayList<>();
        for (String operator : List.of("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")) {
            entries.add(OracleEntry.of(operator, draw -> {
                        long[] shape = shape(draw);
                        return draw.node(operator, List.of(few(draw, part(draw, shape)), few(draw, part(draw, shape))));
                    })
                    .draws(8));
            entries.add(OracleEntry.of(
                            operator,
                            draw -> draw.node(
                                    operator,
                                    List.of(draw.list(draw.integers(6, 0, 2)), draw.list(draw.between(0, 2)))))
                    .form("integers")
                    .draws(4));
        }
        for (String operator : List.of("And", "Or", "Xor")) {
            entries.add(OracleEntry.of(operator, draw -> {
                        long[] shape = shape(draw);
                        return draw.node(
                                operator, List.of(draw.truths(part(draw, shape)), draw.truths(part(draw, shape))));
                    })
                    .draws(8));
        }
        entries.add(OracleEntry.of("Not", draw -> draw.node("Not", List.of(draw.truths(shape(draw)))))
                .draws(4));
        entries.add(OracleEntry.of("IsNaN", draw -> draw.node("IsNaN", List.of(unusual(draw))))
                .draws(3));
        entries.add(OracleEntry.of("IsInf", LogicOracles::infinite).draws(8));
        entries.add(OracleEntry.of("Where", draw -> {
            long[] shape = shape(draw);
            String truths = draw.truths(part(draw, shape));
            return draw.node("Where", List.of(truths, draw.noise(part(draw, shape)), draw.noise(part(draw, shape))));
        }));
        return entries;
    }

    /** Floats of which many are equal. */
    private static String few(Draw draw, long[] shape) {
        float[] values = new float[(int) Gathering.product(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = draw.between(-1, 1);
        }
        return draw.constant(values, shape);
    }

    private static String unusual(Draw draw) {
        return draw.constant(
                new float[] {0, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1, Float.NaN}, 2, 3);
    }

    private static String infinite(Draw draw) {
        List<AttributeProto> attributes = new ArrayList<>();
        for (String name : List.of("detect_negative", "detect_positive")) {
            if (draw.chance()) {
                attributes.add(integer(name, draw.between(0, 1)));
            }
        }
        return draw.node("IsInf", List.of(unusual(draw)), attributes.toArray(AttributeProto[]::new));
    }
}
