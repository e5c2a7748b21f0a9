package io.maskstream.trainer.network.operator;

import java.util.List;

/**
 * Where the values along one axis of a resized image come from: places, and weights on them.
 *
 * <p>Coordinates are reckoned in float32 in the order of ONNX Runtime, since rounding to the nearest place turns on the last
 * bit.
 *
 * @param rule how
 * @param from the size before
 * @param to the size after
 * @param scale one over the distance of neighbours
 * @param start where the region of interest starts, as a share of the axis
 * @param end where it ends
 * @param places the nearest places {@code [to]}; empty unless the mode is nearest
 * @param weights of every place before for every one after, {@code [to, from]} row-major; empty if it is nearest
 * @param inside 1 where a coordinate lies in the input, else 0
 */
@SuppressWarnings("ArrayRecordComponent") // read only, compared by nobody
record ResizeAxis(
        Rule rule,
        long from,
        long to,
        float scale,
        float start,
        float end,
        long[] places,
        double[] weights,
        double[] inside) {
    private static final double HALF = 1e-6; // as near to half between two places as ONNX Runtime takes for half

    /**
     * The attributes that say how.
     *
     * @param mode nearest, linear or cubic
     * @param coordinates the coordinate system
     * @param rounding of nearest
     * @param coefficient of cubic, that ONNX calls a
     * @param excludesOutside whether places outside of the input weigh nothing, else they are those of the edge
     * @param antialiased whether the filter widens where the image shrinks
     */
    record Rule(
            String mode,
            String coordinates,
            String rounding,
            double coefficient,
            boolean excludesOutside,
            boolean antialiased) {
        private static final List<String> MODES = List.of("nearest", "linear", "cubic");
        private static final List<String> ROUNDINGS =
                List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil");
        private static final List<String> COORDINATES = List.of(
                "half_pixel",
                "half_pixel_symmetric",
                "pytorch_half_pixel",
                "align_corners",
                "asymmetric",
                "tf_half_pixel_for_nn",
                "tf_crop_and_resize");
        private static final double LIBTORCHS_COEFFICIENT = -0.75;

        static Rule of(GraphNode node) {
            if (node.flag("antialias", false) && node.text("mode", MODES.get(0)).equals("nearest")) {
                throw node.unsupported("antialias with mode nearest"); // nor has ONNX Runtime
            }
            return new Rule(
                    oneOf(node, "mode", MODES),
                    oneOf(node, "coordinate_transformation_mode", COORDINATES),
                    oneOf(node, "nearest_mode", ROUNDINGS),
                    node.number("cubic_coeff_a", LIBTORCHS_COEFFICIENT),
                    node.flag("exclude_outside", false),
                    node.flag("antialias", false));
        }

        /** The first is what holds where the attribute is left out. */
        private static String oneOf(GraphNode node, String attribute, List<String> values) {
            String value = node.text(attribute, values.get(0));
            if (!values.contains(value)) {
                throw node.unsupported(attribute + " " + value);
            }
            return value;
        }

        boolean crops() {
            return coordinates.equals("tf_crop_and_resize");
        }

        boolean isAlignedToCorners() {
            return coordinates.equals("align_corners");
        }

        /** Reckons places or weights for an axis. */
        ResizeAxis axis(long from, long to, float scale, float start, float end) {
            int count = Math.toIntExact(to);
            boolean nearest = mode.equals("nearest");
            ResizeAxis axis = new ResizeAxis(
                    this,
                    from,
                    to,
                    scale,
                    start,
                    end,
                    new long[nearest ? count : 0],
                    new double[nearest ? 0 : Math.toIntExact(Math.multiplyExact(to, from))],
                    new double[count]);
            for (int i = 0; i < count; i++) {
                float source = axis.source(i);
                axis.inside[i] = source >= 0 && source <= from - 1 ? 1 : 0;
                if (nearest) {
                    axis.places[i] = Math.max(0, Math.min(from - 1, axis.rounded(source)));
                } else if (antialiased) {
                    axis.weighWidely(i, source);
                } else if (mode.equals("linear")) {
                    axis.weighLinearly(i, source);
                } else {
                    axis.weighCubically(i, source);
                }
            }
            return axis;
        }
    }

    /** Returns where an index lies in the input. */
    private float source(int index) {
        return switch (rule.coordinates) {
            case "asymmetric" -> index / scale;
            case "pytorch_half_pixel" -> to > 1 ? (index + 0.5f) / scale - 0.5f : 0;
            case "tf_half_pixel_for_nn" -> (index + 0.5f) / scale;
            case "align_corners" -> to == 1 ? 0 : (float) index * (from - 1) / (to - 1);
            case "tf_crop_and_resize" ->
                to > 1
                        ? start * (from - 1) + index * (end - start) * (from - 1) / (to - 1)
                        : (float) (0.5 * (start + end) * (from - 1));
            case "half_pixel_symmetric" -> {
                float adjustment = to / (scale * from);
                float offset = from / 2f * (1 - adjustment);
                yield (float) (offset + (index + 0.5) / scale - 0.5);
            }
            default -> (index + 0.5f) / scale - 0.5f;
        };
    }

    private long rounded(float source) {
        return switch (rule.rounding) {
            case "floor" -> (long) Math.floor(source);
            case "ceil" -> (long) Math.ceil(source);
            case "round_prefer_ceil" -> (long) Math.floor(source + 0.5 + HALF);
            default -> (long) Math.ceil(source - 0.5 - HALF);
        };
    }

    private void add(int index, long place, double weight) {
        int clamped = (int) Math.max(0, Math.min(from - 1, place));
        weights[Math.toIntExact(index * from + clamped)] += weight;
    }

    private void weighLinearly(int index, float source) {
        double at = Math.max(0, Math.min(from - 1.0, source));
        long lower = (long) at;
        add(index, lower, 1 - (at - lower));
        add(index, lower + 1, at - lower);
    }

    private void weighCubically(int index, float source) {
        long lower = (long) Math.floor(source);
        double[] taps = new double[4];
        double sum = 0;
        for (int t = 0; t < 4; t++) {
            long place = lower - 1 + t;
            boolean counts = !rule.excludesOutside || (place >= 0 && place < from);
            taps[t] = counts ? cubic((double) source - place) : 0;
            sum += taps[t];
        }
        for (int t = 0; t < 4; t++) {
            add(index, lower - 1 + t, rule.excludesOutside ? taps[t] / sum : taps[t]);
        }
    }

    /** Keys, "Cubic convolution interpolation for digital image processing", 1981. */
    private double cubic(double distance) {
        double x = Math.abs(distance);
        double a = rule.coefficient;
        if (x <= 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0;
    }

    /** The filter is as much wider as the image shrinks, and its weights add up to 1. */
    private void weighWidely(int index, float source) {
        boolean linear = rule.mode.equals("linear");
        double width = Math.max(1, 1.0 / scale);
        double support = (linear ? 1 : 2) * width;
        float centre = source + 0.5f;
        long first = (long) Math.floor(centre - support + 0.5);
        long last = (long) Math.floor(centre + support + 0.5); // not included
        double sum = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (long place = first; place < last; place++) {
                if (rule.excludesOutside && (place < 0 || place >= from)) {
                    continue;
                }
                double distance = (place - centre + 0.5) / width;
                double weight = linear ? Math.max(0, 1 - Math.abs(distance)) : cubic(distance);
                if (pass == 0) {
                    sum += weight;
                } else {
                    add(index, place, weight / sum);
                }
            }
        }
    }

    /** Says whether libtorch's own resampling does the same; it copies an axis whose size stays, whatever the scale. */
    boolean isLibtorchs() {
        if (rule.mode.equals("nearest")) {
            float step = (float) from / to;
            for (int i = 0; i < places.length; i++) {
                if (places[i] != Math.min((long) (i * step), from - 1) || (rule.crops() && inside[i] == 0)) {
                    return false;
                }
            }
            return true;
        }
        if (rule.antialiased
                || rule.excludesOutside
                || (from == to && scale != 1)
                || (rule.mode.equals("cubic") && Math.abs(rule.coefficient - Rule.LIBTORCHS_COEFFICIENT) > 1e-7)) {
            return false;
        }
        return switch (rule.coordinates) {
            case "half_pixel", "align_corners" -> true;
            case "pytorch_half_pixel" -> to > 1;
            default -> false;
        };
    }
}
