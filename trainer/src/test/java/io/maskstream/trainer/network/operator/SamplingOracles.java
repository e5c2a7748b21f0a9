package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.text;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.List;

/** Grids of coordinates and blocks of channels. */
final class SamplingOracles {
    private SamplingOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                OracleEntry.of("GridSample", SamplingOracles::gridSample).draws(60),
                OracleEntry.of("AffineGrid", SamplingOracles::affineGrid),
                OracleEntry.of("DepthToSpace", SamplingOracles::depthToSpace),
                OracleEntry.of("SpaceToDepth", SamplingOracles::spaceToDepth));
    }

    private static String gridSample(Draw draw) {
        boolean old = draw.opset() < 20;
        List<AttributeProto> given = new ArrayList<>();
        String mode = draw.any("linear", "nearest", "cubic");
        boolean leftOut = mode.equals("linear") && draw.chance();
        if (!leftOut) {
            given.add(text("mode", (old && !mode.equals("nearest") ? "bi" : "") + mode));
        }
        if (draw.chance()) {
            given.add(text("padding_mode", draw.any("zeros", "border", "reflection")));
        }
        if (draw.chance()) {
            given.add(integer("align_corners", draw.between(0, 1)));
        }
        int dimensions = !mode.equals("cubic") && draw.between(0, 3) == 0 ? 3 : 2;
        long[] shape = Windowing.shape(draw, draw.between(1, 3), dimensions, 2, 5);
        long[] grid = new long[dimensions + 2];
        grid[0] = shape[0];
        for (int d = 0; d < dimensions; d++) {
            grid[d + 1] = draw.between(1, 4);
        }
        grid[dimensions + 1] = dimensions;
        String at = draw.uniform(-1.4, 1.4, grid);
        return draw.node("GridSample", List.of(draw.noise(shape), at), given.toArray(AttributeProto[]::new));
    }

    private static String affineGrid(Draw draw) {
        int dimensions = draw.between(2, 3);
        long[] size = Windowing.shape(draw, draw.between(1, 3), dimensions, 2, 5);
        String theta = draw.noise(new long[] {size[0], dimensions, dimensions + 1});
        return draw.node("AffineGrid", List.of(theta, draw.list(size)), integer("align_corners", draw.between(0, 1)));
    }

    private static String depthToSpace(Draw draw) {
        long block = draw.between(1, 3);
        String x = draw.noise(Windowing.shape(draw, block * block * draw.between(1, 2), 2, 1, 4));
        return draw.chance()
                ? draw.node("DepthToSpace", List.of(x), integer("blocksize", block))
                : draw.node(
                        "DepthToSpace", List.of(x), integer("blocksize", block), text("mode", draw.any("DCR", "CRD")));
    }

    private static String spaceToDepth(Draw draw) {
        int block = draw.between(1, 3);
        long[] shape = Windowing.shape(draw, draw.between(1, 3), 2, 1, 3);
        shape[2] *= block;
        shape[3] *= block;
        return draw.node("SpaceToDepth", List.of(draw.noise(shape)), integer("blocksize", block));
    }
}
