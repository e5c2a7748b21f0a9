package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.ints;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Reductions over drawn axes in the form of the day, places of extremes, orders and running sums. */
final class ReductionOracles {
    private ReductionOracles() {}

    static List<OracleEntry> all() {
        List<OracleEntry> entries = new ArrayList<>();
        for (String operator : List.of(
                "ReduceSum",
                "ReduceMean",
                "ReduceMax",
                "ReduceMin",
                "ReduceProd",
                "ReduceL1",
                "ReduceL2",
                "ReduceSumSquare",
                "ReduceLogSum",
                "ReduceLogSumExp")) {
            entries.add(OracleEntry.of(operator, draw -> {
                        long[] shape = draw.shape(draw.between(0, 4), 4);
                        return reduced(draw, operator, value(draw, operator, shape), shape.length);
                    })
                    .draws(24));
        }
        for (String operator : List.of("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd")) {
            entries.add(OracleEntry.of(operator, draw -> {
                        String small = draw.node(
                                "Cast",
                                List.of(draw.list(draw.integers(5, 1, 6))),
                                integer("to", TensorProto.DataType.INT32_VALUE));
                        return reduced(draw, operator, small, 1);
                    })
                    .form("integers")
                    .valuesAlone()
                    .draws(6));
        }
        for (String operator : List.of("ArgMax", "ArgMin")) {
            entries.add(
                    OracleEntry.of(operator, draw -> extreme(draw, operator)).draws(24));
        }
        entries.add(OracleEntry.of("TopK", ReductionOracles::top));
        entries.add(OracleEntry.of("TopK", ReductionOracles::topOfEquals).form("equal values"));
        entries.add(OracleEntry.of("CumSum", ReductionOracles::running).draws(24));
        return entries;
    }

    private static String value(Draw draw, String operator, long[] shape) {
        return switch (operator) {
            case "ReduceMax", "ReduceMin" -> draw.apart(shape);
            case "ReduceL1" -> draw.noise(shape, 0);
            case "ReduceLogSum", "ReduceProd" -> draw.uniform(0.3, 1.5, shape);
            default -> draw.noise(shape);
        };
    }

    /** Axes are an attribute until operator set 17, of the sum until 12; later an input, which may mean none if empty. */
    private static String reduced(Draw draw, String operator, String value, int dimensions) {
        List<AttributeProto> attributes = new ArrayList<>();
        if (draw.chance()) {
            attributes.add(integer("keepdims", draw.between(0, 1)));
        }
        List<String> inputs = new ArrayList<>(List.of(value));
        boolean asInput = draw.opset() >= (operator.equals("ReduceSum") ? 13 : 18);
        boolean some = dimensions > 0 && draw.between(0, 3) > 0;
        if (asInput) {
            if (draw.chance()) {
                attributes.add(integer("noop_with_empty_axes", draw.between(0, 1)));
            }
            if (some) {
                inputs.add(draw.list(axes(draw, dimensions)));
            } else if (draw.chance()) {
                inputs.add(draw.list());
            }
        } else if (some) {
            attributes.add(ints("axes", axes(draw, dimensions)));
        }
        return draw.node(operator, inputs, attributes.toArray(AttributeProto[]::new));
    }

    /** Returns some of the axes, each once, from the front or from the back. */
    static long[] axes(Draw draw, int dimensions) {
        List<Integer> all =
                new ArrayList<>(IntStream.range(0, dimensions).boxed().toList());
        Collections.shuffle(all, new Random(draw.between(0, 1000)));
        return all.stream()
                .limit(draw.between(1, dimensions))
                .mapToLong(axis -> draw.chance() ? axis : axis - dimensions)
                .toArray();
    }

    /** Few different values, so that some are equal. */
    private static String extreme(Draw draw, String operator) {
        long[] shape = draw.shape(draw.between(1, 4), 5);
        float[] values = new float[(int) Gathering.product(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = draw.between(0, 3);
        }
        List<AttributeProto> attributes = new ArrayList<>();
        if (draw.chance()) {
            attributes.add(integer("axis", draw.between(-shape.length, shape.length - 1)));
        }
        if (draw.chance()) {
            attributes.add(integer("keepdims", draw.between(0, 1)));
        }
        if (draw.opset() >= 12 && draw.chance()) {
            attributes.add(integer("select_last_index", draw.between(0, 1)));
        }
        return draw.node(operator, List.of(draw.constant(values, shape)), attributes.toArray(AttributeProto[]::new));
    }

    private static String top(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 3), 5);
        int axis = draw.between(0, shape.length - 1);
        return first(draw, draw.apart(shape), shape, axis);
    }

    private static String topOfEquals(Draw draw) {
        float[] values = new float[12];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 3;
        }
        String equal = draw.constant(values, 12);
        return first(draw, draw.node("Add", List.of(equal, draw.values(new float[] {1}))), new long[] {12}, 0);
    }

    private static String first(Draw draw, String value, long[] shape, int axis) {
        List<AttributeProto> attributes = new ArrayList<>(
                List.of(integer("axis", draw.chance() ? axis : axis - shape.length), integer("sorted", 1)));
        if (draw.chance()) {
            attributes.add(integer("largest", draw.between(0, 1)));
        }
        String count = draw.list(draw.between(1, (int) shape[axis]));
        List<String> outputs = draw.nodes("TopK", 2, List.of(value, count), attributes.toArray(AttributeProto[]::new));
        draw.compare(outputs);
        return outputs.get(0);
    }

    private static String running(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 4);
        AttributeProto[] attributes = Arrays.stream(new String[] {"exclusive", "reverse"})
                .filter(name -> draw.chance())
                .map(name -> integer(name, draw.between(0, 1)))
                .toArray(AttributeProto[]::new);
        String axis = draw.graph().integer(draw.between(-shape.length, shape.length - 1));
        return draw.node("CumSum", List.of(draw.noise(shape), axis), attributes);
    }
}
