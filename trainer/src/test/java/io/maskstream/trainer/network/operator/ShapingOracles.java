package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.ints;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Operators that give values another shape, join and part them, in the form of the drawn operator set. */
final class ShapingOracles {
    private ShapingOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                OracleEntry.of("Reshape", ShapingOracles::reshape).draws(24),
                OracleEntry.of("Reshape", ShapingOracles::reshapeToNothing)
                        .form("of no values")
                        .opsets(14, Operator.LAST_OPSET)
                        .draws(2),
                OracleEntry.of("Flatten", ShapingOracles::flatten),
                OracleEntry.of("Transpose", ShapingOracles::transpose),
                OracleEntry.of("Squeeze", ShapingOracles::squeeze).draws(24),
                OracleEntry.of("Unsqueeze", ShapingOracles::unsqueeze).draws(24),
                OracleEntry.of("Expand", ShapingOracles::expand),
                OracleEntry.of("Tile", draw -> {
                    long[] shape = draw.shape(draw.between(1, 4), 3);
                    return draw.node("Tile", List.of(draw.noise(shape), draw.list(draw.integers(shape.length, 1, 3))));
                }),
                OracleEntry.of("Concat", ShapingOracles::concat),
                OracleEntry.of("Concat", ShapingOracles::concatIntegers)
                        .form("sizes after an upsampling")
                        .valuesAlone()
                        .draws(4),
                OracleEntry.of("Split", ShapingOracles::split).draws(24));
    }

    /** Some sides are kept by a 0, some are joined, one is left to be found. */
    private static String reshape(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 4);
        int kept = draw.between(0, shape.length);
        long rest = Gathering.product(Arrays.copyOfRange(shape, kept, shape.length));
        List<Long> wanted = new ArrayList<>();
        for (int d = 0; d < kept; d++) {
            wanted.add(draw.chance() ? 0 : shape[d]);
        }
        long part = rest % 2 == 0 ? 2 : 1;
        boolean found = draw.chance();
        if (draw.chance()) {
            wanted.add(part);
            wanted.add(found ? -1 : rest / part);
        } else {
            wanted.add(found ? -1 : rest);
        }
        String list = draw.list(wanted.stream().mapToLong(Long::longValue).toArray());
        String value = draw.noise(shape);
        return draw.opset() >= 14 && draw.chance() && !wanted.contains(0L)
                ? draw.node("Reshape", List.of(value, list), integer("allowzero", draw.between(0, 1)))
                : draw.node("Reshape", List.of(value, list));
    }

    private static String reshapeToNothing(Draw draw) {
        String value = draw.constant(new float[0], 0, 3);
        String none = draw.node("Reshape", List.of(value, draw.list(3, 0)), integer("allowzero", 1));
        return draw.node("Concat", List.of(none, draw.noise(new long[] {3, 2})), integer("axis", 1));
    }

    private static String flatten(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 4);
        String value = draw.noise(shape);
        return draw.chance()
                ? draw.node("Flatten", List.of(value), integer("axis", draw.between(-shape.length, shape.length)))
                : draw.node("Flatten", List.of(value));
    }

    private static String transpose(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 5), 4);
        String value = draw.noise(shape);
        List<Long> order = new ArrayList<>(
                IntStream.range(0, shape.length).mapToObj(d -> (long) d).toList());
        Collections.shuffle(order, new Random(draw.between(0, 1000)));
        return draw.chance()
                ? draw.node("Transpose", List.of(value))
                : draw.node(
                        "Transpose",
                        List.of(value),
                        ints("perm", order.stream().mapToLong(Long::longValue).toArray()));
    }

    private static String squeeze(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 5), 2);
        String value = draw.noise(shape);
        long[] axes = IntStream.range(0, shape.length)
                .filter(d -> shape[d] == 1 && draw.chance())
                .mapToLong(d -> draw.chance() ? d : d - shape.length)
                .toArray();
        return axes.length == 0 ? draw.node("Squeeze", List.of(value)) : withAxes(draw, "Squeeze", value, axes);
    }

    private static String unsqueeze(Draw draw) {
        long[] shape = draw.shape(draw.between(0, 3), 3);
        int added = draw.between(1, 3);
        int dimensions = shape.length + added;
        List<Integer> places =
                new ArrayList<>(IntStream.range(0, dimensions).boxed().toList());
        Collections.shuffle(places, new Random(draw.between(0, 1000)));
        long[] axes = places.stream()
                .limit(added)
                .mapToLong(d -> draw.chance() ? d : d - dimensions)
                .toArray();
        return withAxes(draw, "Unsqueeze", draw.noise(shape), axes);
    }

    private static String withAxes(Draw draw, String operator, String value, long[] axes) {
        return draw.opset() < 13
                ? draw.node(operator, List.of(value), ints("axes", axes))
                : draw.node(operator, List.of(value, draw.list(axes)));
    }

    /** The wanted shape may be shorter, or have ones where the value has more. */
    private static String expand(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 4);
        String value = draw.noise(ArithmeticOracles.part(draw, shape));
        long[] wanted = draw.chance() ? shape : ArithmeticOracles.part(draw, shape);
        return draw.node("Expand", List.of(value, draw.list(wanted)));
    }

    private static String concat(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 4);
        int axis = draw.between(0, shape.length - 1);
        List<String> parts = new ArrayList<>();
        for (int i = draw.between(1, 4); i > 0; i--) {
            long[] part = shape.clone();
            part[axis] = draw.between(1, 3);
            parts.add(draw.noise(part));
        }
        return draw.node("Concat", parts, integer("axis", draw.chance() ? axis : axis - shape.length));
    }

    /** As exporters write the size of an upsampling: batch and channels of one value, a part of another, a constant. */
    private static String concatIntegers(Draw draw) {
        String shape = draw.node("Shape", List.of(draw.noise(draw.shape(4, 5))));
        String part = draw.node("Slice", List.of(shape, draw.list(0), draw.list(2), draw.list(0)));
        return draw.node("Concat", List.of(part, draw.list(draw.integers(2, 1, 9))), integer("axis", 0));
    }

    /** Sizes were an attribute once; since 18 a number of parts is named, of which the last may be smaller. */
    private static String split(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 4);
        int axis = draw.between(0, shape.length - 1);
        int parts = draw.between(1, 3);
        List<AttributeProto> attributes = new ArrayList<>();
        attributes.add(integer("axis", draw.chance() ? axis : axis - shape.length));
        List<String> inputs = new ArrayList<>();
        if (draw.chance()) {
            long[] sizes = draw.integers(parts, 1, 4);
            shape[axis] = Arrays.stream(sizes).sum();
            inputs.add(draw.noise(shape));
            if (draw.opset() < 13) {
                attributes.add(ints("split", sizes));
            } else {
                inputs.add(draw.list(sizes));
            }
        } else {
            int each = draw.between(1, 3);
            boolean uneven = draw.opset() >= 18 && each > 1 && draw.chance();
            shape[axis] = (long) each * parts - (uneven ? 1 : 0);
            inputs.add(draw.noise(shape));
            if (draw.opset() >= 18) {
                attributes.add(integer("num_outputs", parts));
            }
        }
        List<String> outputs = draw.nodes("Split", parts, inputs, attributes.toArray(AttributeProto[]::new));
        draw.compare(outputs);
        return outputs.get(0);
    }
}
