package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.ints;
import static io.maskstream.segmentation.graph.Attributes.text;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.List;

/** Draws what convolutions and poolings have in common. */
final class Windowing {
    private Windowing() {}

    /** Draws {@code [N, channels, space...]}. */
    static long[] shape(Draw draw, long channels, int dimensions, int smallest, int largest) {
        long[] shape = new long[dimensions + 2];
        shape[0] = draw.between(1, 2);
        shape[1] = channels;
        for (int d = 0; d < dimensions; d++) {
            shape[d + 2] = draw.between(smallest, largest);
        }
        return shape;
    }

    static void strides(Draw draw, List<AttributeProto> given, int dimensions) {
        if (draw.chance()) {
            given.add(ints("strides", draw.integers(dimensions, 1, 3)));
        }
    }

    static void dilations(Draw draw, List<AttributeProto> given, int dimensions) {
        if (draw.chance()) {
            given.add(ints("dilations", draw.integers(dimensions, 1, 2)));
        }
    }

    /** Draws pads below a size, or a rule, or nothing; says whether it is a rule that keeps the size. */
    static boolean padding(Draw draw, List<AttributeProto> given, int dimensions, int below) {
        switch (draw.any("pads", "pads", "rule", "none")) {
            case "pads" -> given.add(ints("pads", draw.integers(2 * dimensions, 0, below - 1)));
            case "rule" -> {
                String rule = draw.any("SAME_UPPER", "SAME_LOWER", "VALID");
                given.add(text("auto_pad", rule));
                return rule.startsWith("SAME");
            }
            default -> {}
        }
        return false;
    }
}
