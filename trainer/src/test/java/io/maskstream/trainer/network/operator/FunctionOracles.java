package io.maskstream.trainer.network.operator;

import java.util.ArrayList;
import java.util.List;

/** Functions of one value, each where it is defined and clear of its kinks. */
final class FunctionOracles {
    private FunctionOracles() {}

    static List<OracleEntry> all() {
        List<OracleEntry> entries = new ArrayList<>();
        for (String operator : List.of("Neg", "Exp", "Erf", "Sin", "Cos", "Atan", "Sinh", "Cosh", "Asinh")) {
            entries.add(on(operator, -2, 2));
        }
        for (String operator : List.of("Asin", "Acos", "Atanh")) {
            entries.add(on(operator, -0.9, 0.9));
        }
        entries.add(on("Tan", -1.2, 1.2));
        entries.add(on("Acosh", 1.2, 3));
        for (String operator : List.of("Sqrt", "Log", "Reciprocal")) {
            entries.add(on(operator, 0.2, 3));
        }
        entries.add(OracleEntry.of("Abs", draw -> draw.node("Abs", List.of(draw.noise(shape(draw), 0))))
                .draws(8));
        for (String operator : List.of("Floor", "Ceil", "Round", "Sign")) {
            entries.add(OracleEntry.of(operator, draw -> draw.node(operator, List.of(halves(draw))))
                    .draws(8));
        }
        for (String operator : List.of("Abs", "Neg", "Sign")) {
            entries.add(
                    OracleEntry.of(operator, draw -> draw.node(operator, List.of(draw.list(draw.integers(7, -5, 5)))))
                            .form("integers")
                            .valuesAlone()
                            .draws(3));
        }
        return entries;
    }

    private static OracleEntry on(String operator, double low, double high) {
        return OracleEntry.of(operator, draw -> draw.node(operator, List.of(draw.uniform(low, high, shape(draw)))))
                .draws(8);
    }

    /** Whole and half numbers, where rounding has to decide, and what lies between. */
    private static String halves(Draw draw) {
        float[] values = new float[12];
        for (int i = 0; i < values.length; i++) {
            values[i] = i < 8 ? draw.between(-5, 5) / 2f : (float) draw.real(-3, 3);
        }
        return draw.constant(values, 3, 4);
    }

    private static long[] shape(Draw draw) {
        return draw.shape(draw.between(0, 4), 4);
    }
}
