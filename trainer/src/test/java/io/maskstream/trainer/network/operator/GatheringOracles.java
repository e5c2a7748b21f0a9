package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.text;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Look-ups and writes by indices that count from the front and from the end. */
final class GatheringOracles {
    private GatheringOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                OracleEntry.of("Gather", GatheringOracles::gather).draws(24),
                OracleEntry.of("Gather", GatheringOracles::ofShape)
                        .form("a side of a shape")
                        .valuesAlone()
                        .draws(6),
                OracleEntry.of("GatherElements", GatheringOracles::elements),
                OracleEntry.of("GatherND", GatheringOracles::points).draws(24),
                OracleEntry.of("OneHot", GatheringOracles::oneHot),
                OracleEntry.of("NonZero", GatheringOracles::nonZero).draws(4),
                OracleEntry.of("ScatterElements", GatheringOracles::writtenElements)
                        .draws(32),
                OracleEntry.of("ScatterND", GatheringOracles::writtenPoints).draws(32));
    }

    /** Adds integers of a shape, as a list where the shape is one. */
    private static String integers(Draw draw, long[] values, long... shape) {
        return shape.length == 1
                ? draw.list(values)
                : draw.node("Reshape", List.of(draw.list(values), draw.list(shape)));
    }

    private static String indices(Draw draw, long size, long... shape) {
        return integers(draw, draw.integers((int) Gathering.product(shape), (int) -size, (int) size - 1), shape);
    }

    private static String gather(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 4);
        int axis = draw.between(0, shape.length - 1);
        String value = draw.noise(shape);
        String indices = indices(draw, shape[axis], draw.shape(draw.between(0, 3), 3));
        return axis == 0 && draw.chance()
                ? draw.node("Gather", List.of(value, indices))
                : draw.node(
                        "Gather", List.of(value, indices), integer("axis", draw.chance() ? axis : axis - shape.length));
    }

    private static String ofShape(Draw draw) {
        String shape = draw.node("Shape", List.of(draw.noise(draw.shape(4, 5))));
        return draw.node("Gather", List.of(shape, draw.graph().integer(draw.between(-4, 3))), integer("axis", 0));
    }

    private static String elements(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 4);
        int axis = draw.between(0, shape.length - 1);
        long[] asked = shape.clone();
        asked[axis] = draw.between(1, 5);
        return draw.node(
                "GatherElements",
                List.of(draw.noise(shape), indices(draw, shape[axis], asked)),
                integer("axis", draw.chance() ? axis : axis - shape.length));
    }

    private static String points(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 4);
        int batch = draw.opset() >= 12 ? draw.between(0, Math.min(2, shape.length - 1)) : 0;
        int coordinates = draw.between(1, shape.length - batch);
        long[] places = Gathering.joined(Arrays.copyOf(shape, batch), draw.shape(draw.between(0, 2), 3));
        String indices = coordinates(draw, Arrays.copyOfRange(shape, batch, batch + coordinates), places, false);
        return batch == 0
                ? draw.node("GatherND", List.of(draw.noise(shape), indices))
                : draw.node("GatherND", List.of(draw.noise(shape), indices), integer("batch_dims", batch));
    }

    /** Draws points of a space, some counted from the end; all different if so asked. */
    private static String coordinates(Draw draw, long[] space, long[] places, boolean different) {
        int count = (int) Gathering.product(places);
        int all = (int) Gathering.product(space);
        int first = draw.between(0, all - 1);
        long[] points = new long[count * space.length];
        for (int i = 0; i < count; i++) {
            int rest = different ? (first + i) % all : draw.between(0, all - 1);
            for (int d = space.length - 1; d >= 0; d--) {
                long place = rest % space[d];
                rest /= (int) space[d];
                points[i * space.length + d] = draw.chance() ? place : place - space[d];
            }
        }
        return integers(draw, points, Gathering.joined(places, new long[] {space.length}));
    }

    private static String oneHot(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 3), 4);
        String indices = integers(draw, draw.integers((int) Gathering.product(shape), -5, 5), shape);
        String depth = draw.list(4);
        String values = draw.noise(new long[] {2});
        return draw.chance()
                ? draw.node("OneHot", List.of(indices, depth, values))
                : draw.node(
                        "OneHot",
                        List.of(indices, depth, values),
                        integer("axis", draw.between(-shape.length - 1, shape.length)));
    }

    private static String nonZero(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 3), 4);
        float[] values = new float[(int) Gathering.product(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = draw.between(-1, 1);
        }
        return draw.node("NonZero", List.of(draw.constant(values, shape)));
    }

    private static List<AttributeProto> reduction(Draw draw) {
        List<AttributeProto> attributes = new ArrayList<>();
        if (draw.opset() >= 18 && draw.chance()) {
            attributes.add(text("reduction", draw.any("none", "add", "mul", "min", "max")));
        } else if (draw.opset() >= 16 && draw.chance()) {
            attributes.add(text("reduction", draw.any("none", "add", "mul")));
        }
        return attributes;
    }

    private static boolean replaces(List<AttributeProto> attributes) {
        return attributes.isEmpty() || attributes.get(0).getS().toStringUtf8().equals("none");
    }

    /** Where values replace others, no place is written twice: which of them remained would be left open. */
    private static String writtenElements(Draw draw) {
        List<AttributeProto> attributes = reduction(draw);
        long[] shape = draw.integers(draw.between(1, 4), 1, 4);
        int axis = draw.between(0, shape.length - 1);
        long[] part = shape.clone();
        part[axis] = draw.between(1, (int) shape[axis]);
        int count = (int) Gathering.product(part);
        long after = Gathering.product(Arrays.copyOfRange(part, axis + 1, part.length));
        int moved = draw.between(0, (int) shape[axis]);
        long[] places = new long[count];
        for (int i = 0; i < count; i++) {
            long place = (i / after) % part[axis];
            places[i] = replaces(attributes)
                    ? (place + moved) % shape[axis] - (draw.chance() ? shape[axis] : 0)
                    : draw.between((int) -shape[axis], (int) shape[axis] - 1);
        }
        attributes.add(integer("axis", draw.chance() ? axis : axis - shape.length));
        return draw.node(
                "ScatterElements",
                List.of(draw.noise(shape, 0), integers(draw, places, part), draw.noise(part, 0)),
                attributes.toArray(AttributeProto[]::new));
    }

    private static String writtenPoints(Draw draw) {
        List<AttributeProto> attributes = reduction(draw);
        long[] shape = draw.integers(draw.between(1, 4), 1, 4);
        int coordinates = draw.between(1, shape.length);
        long[] space = Arrays.copyOf(shape, coordinates);
        long[] places = {draw.between(1, (int) Gathering.product(space))};
        String indices = coordinates(draw, space, places, replaces(attributes));
        long[] updates = Gathering.joined(places, Arrays.copyOfRange(shape, coordinates, shape.length));
        return draw.node(
                "ScatterND",
                List.of(draw.noise(shape, 0), indices, draw.noise(updates, 0)),
                attributes.toArray(AttributeProto[]::new));
    }
}
