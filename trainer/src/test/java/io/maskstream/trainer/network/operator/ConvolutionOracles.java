package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.ints;
import static io.maskstream.segmentation.graph.Attributes.text;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Convolutions of one to three dimensions: grouped, strided, dilated, padded by hand or by rule. */
final class ConvolutionOracles {
    private ConvolutionOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                OracleEntry.of("Conv", ConvolutionOracles::convolution).draws(40),
                OracleEntry.of("ConvTranspose", ConvolutionOracles::transposed).draws(40));
    }

    private static String convolution(Draw draw) {
        int dimensions = draw.any(1, 2, 2, 3);
        long groups = draw.between(1, 3);
        long in = groups * draw.between(1, 2);
        long out = groups * draw.between(1, 2);
        long[] kernel = draw.shape(dimensions, 3);
        List<AttributeProto> given = new ArrayList<>();
        Windowing.strides(draw, given, dimensions);
        boolean same = Windowing.padding(draw, given, dimensions, 2);
        if (!same) {
            Windowing.dilations(draw, given, dimensions);
        }
        if (draw.chance()) {
            given.add(ints("kernel_shape", kernel));
        }
        if (groups > 1 || draw.chance()) {
            given.add(integer("group", groups));
        }
        long[] shape = Windowing.shape(draw, in, dimensions, 5, 8);
        List<String> inputs =
                new ArrayList<>(List.of(draw.noise(shape), draw.noise(joined(new long[] {out, in / groups}, kernel))));
        if (draw.chance()) {
            inputs.add(draw.noise(new long[] {out}));
        }
        return draw.node("Conv", inputs, given.toArray(AttributeProto[]::new));
    }

    private static String transposed(Draw draw) {
        int dimensions = draw.any(1, 2, 2, 3);
        long groups = draw.between(1, 3);
        long in = groups * draw.between(1, 2);
        long out = groups * draw.between(1, 2);
        long[] kernel = draw.integers(dimensions, 2, 4);
        long[] strides = draw.integers(dimensions, 1, 3);
        long[] dilations = draw.chance() ? draw.integers(dimensions, 1, 2) : Windows.ones(dimensions);
        long[] shape = Windowing.shape(draw, in, dimensions, 3, 5);
        List<AttributeProto> given = new ArrayList<>(List.of(ints("strides", strides)));
        given.add(ints("dilations", dilations));
        if (groups > 1 || draw.chance()) {
            given.add(integer("group", groups));
        }
        long[] added = new long[dimensions];
        if (draw.chance()) {
            for (int d = 0; d < dimensions; d++) {
                added[d] = draw.between(0, (int) strides[d] - 1);
            }
            given.add(ints("output_padding", added));
        }
        switch (draw.any("pads", "rule", "shape", "none")) {
            case "pads" -> given.add(ints("pads", draw.integers(2 * dimensions, 0, 1)));
            case "rule" -> given.add(text("auto_pad", draw.any("SAME_UPPER", "SAME_LOWER", "VALID")));
            case "shape" -> {
                long[] wanted = new long[dimensions];
                for (int d = 0; d < dimensions; d++) {
                    long full = strides[d] * (shape[d + 2] - 1) + added[d] + (kernel[d] - 1) * dilations[d] + 1;
                    wanted[d] = full - draw.between(0, 2);
                }
                given.add(ints("output_shape", wanted));
                if (draw.chance()) {
                    given.add(text("auto_pad", draw.any("SAME_UPPER", "SAME_LOWER")));
                }
            }
            default -> {}
        }
        List<String> inputs =
                new ArrayList<>(List.of(draw.noise(shape), draw.noise(joined(new long[] {in, out / groups}, kernel))));
        if (draw.chance()) {
            inputs.add(draw.noise(new long[] {out}));
        }
        return draw.node("ConvTranspose", inputs, given.toArray(AttributeProto[]::new));
    }

    private static long[] joined(long[] first, long[] then) {
        return LongStream.concat(LongStream.of(first), LongStream.of(then)).toArray();
    }
}
