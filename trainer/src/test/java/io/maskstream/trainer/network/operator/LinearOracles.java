package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.real;
import static io.maskstream.segmentation.graph.Attributes.text;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Products of matrices, of vectors and of batches of them. */
final class LinearOracles {
    /** As attention and its relative positions write them, then what else the notation has. */
    private static final String[] EQUATIONS = {
        "bij,bjk->bik",
        "bnqd,bnkd->bnqk",
        "bhwc,hkc->bhwk",
        "bhwc, wkc -> bhwk",
        "bchw,bkhw->bck",
        "...ij,...jk->...ik",
        "...ij,jk->...ik",
        "i,j->ij",
        "ij,jk",
        "ba",
        "ij->ji",
        "ij->",
        "abc->ca",
        "ab,bc,cd->ad"
    };

    private LinearOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                OracleEntry.of("MatMul", LinearOracles::product).draws(24),
                OracleEntry.of("Gemm", LinearOracles::general).draws(24),
                OracleEntry.of("Einsum", LinearOracles::einsum).draws(40));
    }

    private static String product(Draw draw) {
        long[] batch = draw.shape(draw.between(0, 2), 3);
        long inner = draw.between(1, 5);
        long[] first = draw.between(0, 3) == 0
                ? new long[] {inner}
                : Gathering.joined(ArithmeticOracles.part(draw, batch), new long[] {draw.between(1, 4), inner});
        long[] second = draw.between(0, 3) == 0
                ? new long[] {inner}
                : Gathering.joined(ArithmeticOracles.part(draw, batch), new long[] {inner, draw.between(1, 4)});
        return draw.node("MatMul", List.of(draw.noise(first), draw.noise(second)));
    }

    private static String general(Draw draw) {
        long rows = draw.between(1, 4);
        long inner = draw.between(1, 4);
        long columns = draw.between(1, 4);
        List<AttributeProto> attributes = new ArrayList<>();
        boolean first = draw.chance();
        boolean second = draw.chance();
        if (first || draw.chance()) {
            attributes.add(integer("transA", first ? 1 : 0));
        }
        if (second || draw.chance()) {
            attributes.add(integer("transB", second ? 1 : 0));
        }
        if (draw.chance()) {
            attributes.add(real("alpha", draw.real(-2, 2)));
        }
        if (draw.chance()) {
            attributes.add(real("beta", draw.real(-2, 2)));
        }
        List<String> values = new ArrayList<>();
        values.add(draw.noise(first ? new long[] {inner, rows} : new long[] {rows, inner}));
        values.add(draw.noise(second ? new long[] {columns, inner} : new long[] {inner, columns}));
        if (draw.between(0, 3) > 0) {
            values.add(draw.noise(ArithmeticOracles.part(draw, new long[] {rows, columns})));
        }
        return draw.node("Gemm", values, attributes.toArray(AttributeProto[]::new));
    }

    private static String einsum(Draw draw) {
        String equation = draw.any(EQUATIONS);
        Map<Character, Long> sides = new HashMap<>();
        long[] batch = draw.shape(draw.between(0, 2), 3);
        List<String> factors = new ArrayList<>();
        for (String letters : equation.replace(" ", "").split("->", -1)[0].split(",", -1)) {
            List<Long> shape = new ArrayList<>();
            for (char letter : letters.replace("...", ".").toCharArray()) {
                if (letter == '.') {
                    for (long side : batch) {
                        shape.add(side);
                    }
                } else {
                    shape.add(sides.computeIfAbsent(letter, unknown -> (long) draw.between(1, 4)));
                }
            }
            factors.add(draw.noise(shape.stream().mapToLong(Long::longValue).toArray()));
        }
        return draw.node("Einsum", factors, text("equation", equation));
    }
}
