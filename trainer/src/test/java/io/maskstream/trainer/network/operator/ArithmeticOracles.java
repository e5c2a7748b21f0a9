package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Arithmetic and comparison of values that are broadcast against each other. */
final class ArithmeticOracles {
    private ArithmeticOracles() {}

    static List<OracleEntry> all() {
        List<OracleEntry> entries = new ArrayList<>();
        for (String operator : List.of("Add", "Sub", "Mul")) {
            entries.add(OracleEntry.of(operator, draw -> {
                long[] shape = shape(draw);
                return draw.node(operator, List.of(draw.noise(part(draw, shape)), draw.noise(part(draw, shape))));
            }));
            entries.add(OracleEntry.of(operator, draw -> integers(draw, operator, -9, 9))
                    .form("integers")
                    .valuesAlone()
                    .draws(4));
        }
        entries.add(OracleEntry.of("Div", draw -> {
            long[] shape = shape(draw);
            String divisor = draw.uniform(0.4, 2, part(draw, shape));
            return draw.node("Div", List.of(draw.noise(part(draw, shape)), divisor));
        }));
        entries.add(OracleEntry.of("Div", ArithmeticOracles::divided)
                .form("integers")
                .valuesAlone());
        entries.addAll(powers());
        entries.addAll(remainders());
        for (String operator : List.of("Min", "Max", "Sum", "Mean")) {
            entries.add(OracleEntry.of(operator, draw -> {
                long[] shape = shape(draw);
                List<String> values = IntStream.range(0, draw.between(1, 4))
                        .mapToObj(i -> draw.noise(part(draw, shape)))
                        .toList();
                return draw.node(operator, values);
            }));
        }
        for (String operator : List.of("Min", "Max")) {
            entries.add(OracleEntry.of(operator, draw -> integers(draw, operator, -9, 9))
                    .form("integers")
                    .valuesAlone()
                    .opsets(12, Operator.LAST_OPSET)
                    .draws(4));
        }
        return entries;
    }

    private static List<OracleEntry> powers() {
        return List.of(
                OracleEntry.of("Pow", draw -> {
                    long[] shape = shape(draw);
                    String base = draw.uniform(0.3, 2, part(draw, shape));
                    return draw.node("Pow", List.of(base, draw.noise(part(draw, shape))));
                }),
                OracleEntry.of("Pow", draw -> {
                            String exponent = draw.constant(new float[] {draw.any(2f, 3f, 0.5f, -1f, -0.5f, 1.7f)});
                            return draw.node("Pow", List.of(draw.uniform(0.3, 2, shape(draw)), exponent));
                        })
                        .form("one exponent"),
                OracleEntry.of("Pow", draw -> {
                            String exponent = draw.list(draw.integers(3, 0, 3));
                            return draw.node("Pow", List.of(draw.noise(new long[] {2, 3}, 0), exponent));
                        })
                        .form("integer exponents")
                        .opsets(12, Operator.LAST_OPSET),
                OracleEntry.of(
                                "Pow",
                                draw -> draw.node(
                                        "Pow",
                                        List.of(draw.list(draw.integers(4, -5, 5)), draw.list(draw.integers(4, 0, 4)))))
                        .form("integers")
                        .valuesAlone()
                        .opsets(12, Operator.LAST_OPSET)
                        .draws(4));
    }

    /** Floats lie clear of the multiples of their divisor, where the remainder jumps. */
    private static List<OracleEntry> remainders() {
        return List.of(
                OracleEntry.of(
                                "Mod",
                                draw -> draw.node(
                                        "Mod",
                                        List.of(draw.uniform(0.2, 1.8, shape(draw)), draw.values(new float[] {2})),
                                        integer("fmod", 1)))
                        .form("floats below the divisor"),
                OracleEntry.of(
                                "Mod",
                                draw -> draw.node(
                                        "Mod",
                                        List.of(draw.uniform(-5.8, -4.2, shape(draw)), draw.values(new float[] {2})),
                                        integer("fmod", 1)))
                        .form("negative floats"),
                OracleEntry.of("Mod", draw -> {
                            String divisor = draw.list(draw.any(-7L, -3L, 2L, 5L));
                            String dividend = draw.list(draw.integers(6, -20, 20));
                            return draw.chance()
                                    ? draw.node("Mod", List.of(dividend, divisor))
                                    : draw.node("Mod", List.of(dividend, divisor), integer("fmod", 1));
                        })
                        .form("integers")
                        .valuesAlone());
    }

    private static String divided(Draw draw) {
        String dividend = draw.list(draw.integers(6, -20, 20));
        return draw.node("Div", List.of(dividend, draw.list(draw.any(-7L, -3L, -1L, 2L, 5L))));
    }

    private static String integers(Draw draw, String operator, int low, int high) {
        return draw.node(
                operator, List.of(draw.list(draw.integers(5, low, high)), draw.list(draw.integers(5, low, high))));
    }

    static long[] shape(Draw draw) {
        return draw.shape(draw.between(0, 4), 4);
    }

    /** Returns a shape that is broadcast to another: without some of its first sides, and with others of 1. */
    static long[] part(Draw draw, long[] shape) {
        int dropped = draw.chance() ? 0 : draw.between(0, shape.length);
        return IntStream.range(dropped, shape.length)
                .mapToLong(d -> draw.between(0, 3) == 0 ? 1 : shape[d])
                .toArray();
    }
}
