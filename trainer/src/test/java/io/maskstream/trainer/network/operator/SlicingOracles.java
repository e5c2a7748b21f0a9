package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.text;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Slices with bounds beyond the ends and steps of both signs, and frames of every mode. */
final class SlicingOracles {
    private SlicingOracles() {}

    static List<OracleEntry> all() {
        List<OracleEntry> entries = new ArrayList<>();
        entries.add(OracleEntry.of("Slice", SlicingOracles::slice).draws(48));
        entries.add(OracleEntry.of("Slice", SlicingOracles::toTheEnd).form("to the largest integer"));
        for (String mode : List.of("constant", "reflect", "edge", "wrap")) {
            int since = mode.equals("wrap") ? 19 : Operator.FIRST_OPSET;
            entries.add(OracleEntry.of("Pad", draw -> pad(draw, mode))
                    .form(mode)
                    .opsets(since, Operator.LAST_OPSET)
                    .draws(24));
        }
        entries.add(OracleEntry.of("Pad", SlicingOracles::padImage).form("images"));
        entries.add(OracleEntry.of("Pad", SlicingOracles::cut).form("negative").draws(8));
        entries.add(OracleEntry.of("Trilu", SlicingOracles::triangle));
        entries.add(OracleEntry.of("ReverseSequence", SlicingOracles::reverse).draws(8));
        return entries;
    }

    private static String slice(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 6);
        long[] axes = ReductionOracles.axes(draw, shape.length);
        int form = draw.between(0, 2); // with steps, with axes, with neither
        if (form == 2) {
            axes = new long[shape.length];
        }
        List<String> inputs = new ArrayList<>(List.of(
                draw.noise(shape),
                draw.list(draw.integers(axes.length, -8, 8)),
                draw.list(draw.integers(axes.length, -8, 8))));
        if (form < 2) {
            inputs.add(draw.list(axes));
        }
        if (form == 0) {
            long[] steps = draw.integers(axes.length, 1, 3);
            inputs.add(draw.list(
                    Arrays.stream(steps).map(s -> draw.chance() ? s : -s).toArray()));
        }
        return draw.node("Slice", inputs);
    }

    private static String toTheEnd(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 6);
        long axis = draw.between(0, shape.length - 1);
        boolean back = draw.chance();
        String step = draw.list(back ? -draw.between(1, 2) : draw.between(1, 2));
        String end = draw.list(back ? Long.MIN_VALUE + 1 : Long.MAX_VALUE);
        String start = back ? draw.list(Long.MAX_VALUE) : draw.list(draw.between(-6, 5));
        return draw.node("Slice", List.of(draw.noise(shape), start, end, draw.list(axis), step));
    }

    private static String pad(Draw draw, String mode) {
        long[] shape = draw.integers(draw.between(1, 4), 2, 4);
        boolean some = draw.opset() >= 18 && draw.chance();
        long[] axes = some ? ReductionOracles.axes(draw, shape.length) : new long[shape.length];
        long[] pads = new long[2 * axes.length];
        for (int i = 0; i < axes.length; i++) {
            int axis = some ? Math.floorMod((int) axes[i], shape.length) : i;
            pads[i] = draw.between(0, (int) shape[axis] - 1);
            pads[i + axes.length] = draw.between(0, (int) shape[axis] - 1);
        }
        List<String> inputs = new ArrayList<>(List.of(draw.noise(shape), draw.list(pads)));
        boolean filled = mode.equals("constant") && draw.chance();
        if (filled || some) {
            inputs.add(filled ? draw.constant(new float[] {(float) draw.real(-1, 1)}) : "");
        }
        if (some) {
            inputs.add(draw.list(axes));
        }
        return mode.equals("constant") && draw.chance()
                ? draw.node("Pad", inputs)
                : draw.node("Pad", inputs, text("mode", mode));
    }

    private static String padImage(Draw draw) {
        long[] pads = {0, 0, draw.between(0, 2), draw.between(0, 2), 0, 0, draw.between(0, 2), draw.between(0, 2)};
        return draw.node(
                "Pad",
                List.of(draw.noise(new long[] {2, 3, draw.between(3, 5), draw.between(3, 5)}), draw.list(pads)),
                text("mode", draw.any("reflect", "edge")));
    }

    private static String cut(Draw draw) {
        long[] pads = draw.integers(4, -2, 2);
        return draw.node("Pad", List.of(draw.noise(new long[] {5, 6}), draw.list(pads)));
    }

    private static String triangle(Draw draw) {
        long[] shape = draw.shape(draw.between(2, 4), 5);
        List<AttributeProto> attributes = new ArrayList<>();
        if (draw.chance()) {
            attributes.add(integer("upper", draw.between(0, 1)));
        }
        List<String> inputs = new ArrayList<>(List.of(draw.noise(shape)));
        if (draw.chance()) {
            inputs.add(draw.graph().integer(draw.between(-3, 3)));
        }
        return draw.node("Trilu", inputs, attributes.toArray(AttributeProto[]::new));
    }

    private static String reverse(Draw draw) {
        int batch = draw.between(0, 1);
        long[] shape = draw.shape(draw.between(2, 4), 5);
        String lengths = draw.list(draw.integers((int) shape[batch], 1, (int) shape[1 - batch]));
        return draw.node(
                "ReverseSequence",
                List.of(draw.noise(shape), lengths),
                integer("batch_axis", batch),
                integer("time_axis", 1 - batch));
    }
}
