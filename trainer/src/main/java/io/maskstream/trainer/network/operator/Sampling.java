package io.maskstream.trainer.network.operator;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What takes pixels from other places: grids of coordinates, and blocks of channels. */
final class Sampling {
    private static final Map<String, Long> MODES =
            Map.of("bilinear", 0L, "linear", 0L, "nearest", 1L, "bicubic", 2L, "cubic", 2L); // libtorch's numbers

    private static final Map<String, Long> PADDINGS = Map.of("zeros", 0L, "border", 1L, "reflection", 2L);

    private Sampling() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("GridSample", Sampling::gridSample)
                        .since(16)
                        .within(1e-4)
                        .noting("2 and 3 spatial dimensions, cubic over 2; values and grid have gradients"),
                Operator.of("AffineGrid", Sampling::affineGrid).since(20),
                Operator.of("DepthToSpace", Sampling::depthToSpace).within(0),
                Operator.of("SpaceToDepth", Sampling::spaceToDepth).within(0));
    }

    /**
     * <a href="https://onnx.ai/onnx/operators/onnx__GridSample.html">GridSample</a>; linear and cubic were bilinear and
     * bicubic before operator set 20.
     */
    private static Operation gridSample(GraphNode node) {
        String mode = node.text("mode", node.opset() < 20 ? "bilinear" : "linear");
        String padding = node.text("padding_mode", "zeros");
        boolean corners = node.flag("align_corners", false);
        Long modeNumber = MODES.get(mode);
        Long paddingNumber = PADDINGS.get(padding);
        if (modeNumber == null || paddingNumber == null) {
            throw node.unsupported(modeNumber == null ? "mode " + mode : "padding_mode " + padding);
        }
        long interpolation = modeNumber;
        long outside = paddingNumber;
        return Operation.of(in -> torch.grid_sampler(in.get(0), in.get(1), interpolation, outside, corners));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__AffineGrid.html">AffineGrid</a>. */
    private static Operation affineGrid(GraphNode node) {
        boolean corners = node.flag("align_corners", false);
        return Operation.of(in -> torch.affine_grid_generator(in.get(0), in.integers(1), corners));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__DepthToSpace.html">DepthToSpace</a>, depth or columns first. */
    private static Operation depthToSpace(GraphNode node) {
        long block = node.integer("blocksize", 1);
        String mode = node.text("mode", "DCR");
        if (mode.equals("CRD")) {
            return Operation.of(in -> torch.pixel_shuffle(in.get(0), block));
        }
        if (!mode.equals("DCR")) {
            throw node.unsupported("mode " + mode);
        }
        return Operation.of(in -> {
            long[] s = Inputs.shape(in.get(0));
            long channels = s[1] / (block * block);
            return in.get(0)
                    .reshape(s[0], block, block, channels, s[2], s[3])
                    .permute(0, 3, 4, 1, 5, 2) // [N, c, H, b, W, b]
                    .reshape(s[0], channels, s[2] * block, s[3] * block);
        });
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__SpaceToDepth.html">SpaceToDepth</a>. */
    private static Operation spaceToDepth(GraphNode node) {
        long block = node.integer("blocksize", 1);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            long[] s = Inputs.shape(value);
            return value.reshape(s[0], s[1], s[2] / block, block, s[3] / block, block)
                    .permute(0, 3, 5, 1, 2, 4) // [N, b, b, C, h, w]
                    .reshape(s[0], s[1] * block * block, s[2] / block, s[3] / block);
        });
    }
}
