package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.ints;
import static io.maskstream.segmentation.graph.Attributes.real;
import static io.maskstream.segmentation.graph.Attributes.text;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Resize in every mode and coordinate system that ONNX Runtime takes. */
final class ResizeOracles {
    private ResizeOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                OracleEntry.of("Resize", draw -> plane(draw, "nearest", false))
                        .form("nearest")
                        .draws(80),
                OracleEntry.of("Resize", draw -> plane(draw, "linear", false))
                        .form("linear")
                        .draws(60),
                OracleEntry.of("Resize", draw -> plane(draw, "cubic", false))
                        .form("cubic")
                        .draws(60),
                OracleEntry.of("Resize", draw -> plane(draw, draw.any("linear", "cubic"), true))
                        .form("antialiased")
                        .opsets(18, Operator.LAST_OPSET)
                        .draws(60),
                OracleEntry.of("Resize", ResizeOracles::kept)
                        .form("aspect ratio")
                        .opsets(18, Operator.LAST_OPSET),
                OracleEntry.of("Resize", ResizeOracles::otherAxes).form("other axes"));
    }

    private static List<AttributeProto> rule(Draw draw, String mode, String coordinates, boolean antialiased) {
        List<AttributeProto> given = new ArrayList<>(List.of(text("mode", mode)));
        if (!coordinates.equals("half_pixel") || draw.chance()) {
            given.add(text("coordinate_transformation_mode", coordinates));
        }
        if (mode.equals("nearest") && draw.chance()) {
            given.add(text("nearest_mode", draw.any("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")));
        }
        if (mode.equals("cubic") && draw.chance()) {
            given.add(real("cubic_coeff_a", draw.any(-0.5, -0.75, -0.6)));
        }
        if (mode.equals("cubic") && draw.chance()) {
            given.add(integer("exclude_outside", draw.between(0, 1)));
        }
        if (coordinates.equals("tf_crop_and_resize") && draw.chance()) {
            given.add(real("extrapolation_value", draw.real(-1, 1)));
        }
        if (antialiased) {
            given.add(integer("antialias", 1));
        }
        return given;
    }

    /** Height and width, by scales or sizes, with a region where the coordinate system has one. */
    private static String plane(Draw draw, String mode, boolean antialiased) {
        String coordinates = draw.any(
                "half_pixel",
                draw.opset() >= 19 ? "half_pixel_symmetric" : "half_pixel",
                "pytorch_half_pixel",
                "align_corners",
                "asymmetric",
                "tf_crop_and_resize",
                draw.opset() < 13 ? "tf_half_pixel_for_nn" : "asymmetric");
        List<AttributeProto> given = rule(draw, mode, coordinates, antialiased);
        long[] shape = {draw.between(1, 2), draw.between(1, 3), draw.between(2, 9), draw.between(2, 9)};
        boolean byAxes = draw.opset() >= 18 && draw.chance();
        if (byAxes) {
            given.add(ints("axes", 2, 3));
        }
        String roi = "";
        boolean crops = coordinates.equals("tf_crop_and_resize");
        if (crops || draw.opset() < 13) {
            float top = crops ? (float) draw.real(-0.2, 0.4) : 0;
            float left = crops ? (float) draw.real(-0.2, 0.4) : 0;
            float bottom = crops ? (float) draw.real(0.6, 1.2) : 1;
            float right = crops ? (float) draw.real(0.6, 1.2) : 1;
            roi = byAxes
                    ? draw.constant(new float[] {top, left, bottom, right}, 4)
                    : draw.constant(new float[] {0, 0, top, left, 1, 1, bottom, right}, 8);
        }
        float high = draw.any(0.5f, 0.6f, 1f, 1.5f, 2f, 2f, 2.7f, 3f);
        float wide = draw.any(0.5f, 0.6f, 1f, 1.5f, 2f, 2f, 2.7f, 3f);
        float[] scales = byAxes ? new float[] {high, wide} : new float[] {1, 1, high, wide};
        long rows = draw.between(1, 14);
        long columns = draw.between(1, 14);
        long[] sizes = byAxes ? new long[] {rows, columns} : new long[] {shape[0], shape[1], rows, columns};
        String x = draw.noise(shape);
        if (draw.chance()) {
            return draw.node(
                    "Resize",
                    List.of(x, roi, draw.constant(scales, scales.length)),
                    given.toArray(AttributeProto[]::new));
        }
        String none = draw.opset() < 13 ? draw.constant(new float[0], 0) : "";
        return draw.node("Resize", List.of(x, roi, none, draw.list(sizes)), given.toArray(AttributeProto[]::new));
    }

    private static String kept(Draw draw) {
        List<AttributeProto> given =
                rule(draw, draw.any("nearest", "linear", "cubic"), draw.any("half_pixel", "align_corners"), false);
        given.add(text("keep_aspect_ratio_policy", draw.any("not_larger", "not_smaller")));
        given.add(ints("axes", 2, 3));
        String x = draw.noise(new long[] {1, 2, draw.between(3, 9), draw.between(3, 9)});
        String sizes = draw.list(draw.integers(2, 3, 14));
        return draw.node("Resize", List.of(x, "", "", sizes), given.toArray(AttributeProto[]::new));
    }

    /** All axes for nearest; two inner ones, or three, for linear. */
    private static String otherAxes(Draw draw) {
        String mode = draw.any("nearest", "linear");
        boolean nearest = mode.equals("nearest");
        long[] shape = nearest ? draw.integers(draw.between(1, 5), 2, 4) : draw.integers(draw.any(2, 3, 5), 2, 4);
        float[] scales = new float[shape.length];
        Arrays.fill(scales, 1);
        for (int d = nearest ? 0 : Math.max(0, shape.length - 3); d < shape.length; d++) {
            scales[d] = draw.any(1f, 1.5f, 2f);
        }
        String coordinates = draw.any("half_pixel", "asymmetric", "align_corners");
        String roi = draw.opset() < 13 ? draw.constant(new float[0], 0) : "";
        return draw.node(
                "Resize",
                List.of(draw.noise(shape), roi, draw.constant(scales, scales.length)),
                rule(draw, mode, coordinates, false).toArray(AttributeProto[]::new));
    }
}
