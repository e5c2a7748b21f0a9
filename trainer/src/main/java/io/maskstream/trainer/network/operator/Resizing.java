package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Resize over height and width, nearest, linear and cubic, in the coordinate systems that networks use.
 *
 * <p>Where libtorch has the same it is called; else rows and columns are chosen and mixed one axis after the other by
 * weights reckoned here, which gives the same values with gradients, only slower.
 */
final class Resizing {
    private Resizing() {}

    static List<Operator> all() {
        return List.of(Operator.of("Resize", Resizing::resize));
    }

    private static Operation resize(GraphNode node) {
        String mode = node.text("mode", "nearest");
        String coordinates = node.text("coordinate_transformation_mode", "half_pixel");
        String rounding = node.text("nearest_mode", "round_prefer_floor");
        long @Nullable [] axes = node.integersOrNull("axes");
        refuse(node, coordinates);
        return Operation.of(in -> {
            Tensor image = in.get(0);
            if (image.dim() != 4) {
                throw node.unsupported("an input of " + image.dim() + " dimensions instead of 4");
            }
            double[] scales = scales(in, axes);
            long[] sizes = sizes(in, image, scales, axes);
            if (sizes[0] != image.size(0) || sizes[1] != image.size(1)) {
                throw node.unsupported("a change of batch or channels");
            }
            Axis rows = new Axis(image.size(2), sizes[2], scales[2]);
            Axis columns = new Axis(image.size(3), sizes[3], scales[3]);
            return switch (mode) {
                case "nearest" -> nearest(image, rows, columns, coordinates, rounding);
                case "linear" -> linear(image, rows, columns, coordinates);
                case "cubic" -> cubic(node, image, rows, columns, coordinates);
                default -> throw node.unsupported("mode " + mode);
            };
        });
    }

    private static void refuse(GraphNode node, String coordinates) {
        node.ignore("extrapolation_value"); // of tf_crop_and_resize alone
        node.ignore("cubic_coeff_a"); // read where the mode is cubic
        if (node.flag("antialias", false)
                || node.flag("exclude_outside", false)
                || !node.text("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
            throw node.unsupported("antialias, exclude_outside or a policy for the aspect ratio");
        }
        if (!Arrays.asList("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
                .contains(coordinates)) {
            throw node.unsupported("coordinate_transformation_mode " + coordinates);
        }
    }

    /** One axis: its size before and after, and the scale that the graph gives, 0 where it gives the size. */
    private record Axis(long from, long to, double given) {
        double scale() {
            return given > 0 ? given : (double) to / from;
        }

        /** Returns where an output index lies in the input. */
        double source(long index, String coordinates) {
            return switch (coordinates) {
                case "align_corners" -> to == 1 ? 0 : (double) index * (from - 1) / (to - 1);
                case "asymmetric" -> index / scale();
                case "pytorch_half_pixel" -> to == 1 ? 0 : (index + 0.5) / scale() - 0.5;
                default -> (index + 0.5) / scale() - 0.5;
            };
        }

        DoubleOptional optional() {
            return given > 0 ? new DoubleOptional(given) : new DoubleOptional();
        }
    }

    private static double[] scales(Inputs in, long @Nullable [] axes) {
        double[] given = in.numbersOrNone(2);
        double[] scales = new double[4];
        for (int i = 0; i < given.length; i++) {
            scales[axes == null ? i : Math.floorMod((int) axes[i], 4)] = given[i];
        }
        return scales;
    }

    private static long[] sizes(Inputs in, Tensor image, double[] scales, long @Nullable [] axes) {
        long[] sizes = Inputs.shape(image);
        long[] given = in.integersOrNone(3);
        for (int i = 0; i < given.length; i++) {
            sizes[axes == null ? i : Math.floorMod((int) axes[i], 4)] = given[i];
        }
        for (int d = 0; d < 4 && given.length == 0; d++) {
            sizes[d] = scales[d] > 0 ? (long) Math.floor(sizes[d] * scales[d]) : sizes[d];
        }
        return sizes;
    }

    private static Tensor nearest(Tensor image, Axis rows, Axis columns, String coordinates, String rounding) {
        boolean whole = rows.to % rows.from == 0 && columns.to % columns.from == 0;
        if (whole && coordinates.equals("asymmetric") && rounding.equals("floor")) {
            return torch.upsample_nearest2d(image, new long[] {rows.to, columns.to});
        }
        return chosen(chosen(image, 2, rows, coordinates, rounding), 3, columns, coordinates, rounding);
    }

    private static Tensor chosen(Tensor image, long dimension, Axis axis, String coordinates, String rounding) {
        long[] at = new long[Math.toIntExact(axis.to)];
        for (int i = 0; i < at.length; i++) {
            at[i] = Math.max(0, Math.min(axis.from - 1, rounded(axis.source(i, coordinates), rounding)));
        }
        return image.index_select(dimension, indices(at, image));
    }

    private static long rounded(double value, String rounding) {
        return switch (rounding) {
            case "floor" -> (long) Math.floor(value);
            case "ceil" -> (long) Math.ceil(value);
            case "round_prefer_ceil" -> (long) Math.floor(value + 0.5);
            default -> (long) Math.ceil(value - 0.5);
        };
    }

    private static Tensor linear(Tensor image, Axis rows, Axis columns, String coordinates) {
        long[] size = {rows.to, columns.to};
        boolean half = coordinates.equals("half_pixel")
                || (coordinates.equals("pytorch_half_pixel") && rows.to > 1 && columns.to > 1);
        if (half) {
            return torch.upsample_bilinear2d(image, size, false, rows.optional(), columns.optional());
        }
        if (coordinates.equals("align_corners")) {
            return torch.upsample_bilinear2d(image, size, true);
        }
        return mixed(mixed(image, 2, rows, coordinates), 3, columns, coordinates);
    }

    private static Tensor mixed(Tensor image, long dimension, Axis axis, String coordinates) {
        int count = Math.toIntExact(axis.to);
        long[] lower = new long[count];
        long[] upper = new long[count];
        float[] share = new float[count];
        for (int i = 0; i < count; i++) {
            double source = Math.max(0, Math.min((double) axis.from - 1, axis.source(i, coordinates)));
            lower[i] = (long) source;
            upper[i] = Math.min(axis.from - 1, lower[i] + 1);
            share[i] = (float) (source - lower[i]);
        }
        long[] shape = {1, 1, dimension == 2 ? count : 1, dimension == 3 ? count : 1};
        Tensor weight = torch.tensor(share, new TensorOptions(torch.ScalarType.Float))
                .to(image.device(), image.scalar_type())
                .reshape(shape);
        Tensor low = image.index_select(dimension, indices(lower, image));
        Tensor high = image.index_select(dimension, indices(upper, image));
        return low.add(high.sub(low).mul(weight));
    }

    private static Tensor cubic(GraphNode node, Tensor image, Axis rows, Axis columns, String coordinates) {
        if (coordinates.equals("asymmetric") || Math.abs(node.number("cubic_coeff_a", -0.75) + 0.75) > 1e-6) {
            throw node.unsupported("mode cubic with " + coordinates + " coordinates or another coefficient than -0.75");
        }
        boolean corners = coordinates.equals("align_corners");
        return torch.upsample_bicubic2d(
                image, new long[] {rows.to, columns.to}, corners, rows.optional(), columns.optional());
    }

    private static Tensor indices(long[] at, Tensor like) {
        return torch.tensor(at, new TensorOptions(torch.ScalarType.Long)).to(like.device(), torch.ScalarType.Long);
    }
}
