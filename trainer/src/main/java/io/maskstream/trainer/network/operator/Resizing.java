package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * <a href="https://onnx.ai/onnx/operators/onnx__Resize.html">Resize</a>, in all coordinate systems and modes.
 *
 * <p>Where libtorch has the same over height and width it is called. Else one axis is done after the other: nearest chooses
 * places, the others multiply by a matrix of weights. Both depend on sizes alone and are reckoned once for each.
 */
final class Resizing {
    private static final int KEPT = 16; // sizes whose weights are remembered, per node

    private final GraphNode node;
    private final ResizeAxis.Rule rule;
    private final String aspect;
    private final double extrapolation;
    private final long @Nullable [] axes;
    private final Map<Call, List<Change>> known = new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Call, List<Change>> eldest) {
            return size() > KEPT;
        }
    };

    private Resizing(GraphNode node) {
        this.node = node;
        this.rule = ResizeAxis.Rule.of(node);
        this.aspect = node.text("keep_aspect_ratio_policy", "stretch");
        this.extrapolation = node.number("extrapolation_value", 0);
        this.axes = node.integersOrNull("axes");
        if (!List.of("stretch", "not_larger", "not_smaller").contains(aspect)) {
            throw node.unsupported("keep_aspect_ratio_policy " + aspect);
        }
    }

    static List<Operator> all() {
        return List.of(Operator.of("Resize", node -> Operation.of(new Resizing(node)::run))
                .within(1e-4)
                .noting(
                        "all coordinate systems and modes, antialias but for nearest, any axes; direct calls of libtorch for the"
                                + " usual ones over height and width"));
    }

    /** What sizes and weights depend on. */
    private record Call(List<Long> shape, List<Double> roi, List<Double> scales, List<Long> sizes) {}

    /** What happens along one axis. */
    private record Change(int dimension, ResizeAxis axis) {}

    private Tensor run(Inputs in) {
        Tensor image = in.get(0);
        Call call = new Call(
                boxed(Inputs.shape(image)),
                rule.crops() ? boxed(in.numbersOrNone(1)) : List.of(),
                boxed(in.numbersOrNone(2)),
                boxed(in.integersOrNone(3)));
        List<Change> changes;
        synchronized (known) {
            changes = known.computeIfAbsent(call, this::changes);
        }
        Tensor direct = direct(image, changes);
        if (direct != null) {
            return direct;
        }
        Tensor output = new Tensor(image);
        for (Change change : changes) {
            output = rule.mode().equals("nearest") ? chosen(output, change) : mixed(output, change);
        }
        return rule.crops() ? filled(output, changes) : output;
    }

    private static List<Long> boxed(long[] values) {
        return LongStream.of(values).boxed().toList();
    }

    private static List<Double> boxed(double[] values) {
        return DoubleStream.of(values).boxed().toList();
    }

    /** Returns the axes that change; sizes and scales as ONNX Runtime reckons them, in float32. */
    private List<Change> changes(Call call) {
        int dimensions = call.shape.size();
        int[] places = places(dimensions);
        float[] scales = new float[places.length];
        long[] sizes = new long[places.length];
        if (!call.sizes.isEmpty()) {
            for (int i = 0; i < places.length; i++) {
                sizes[i] = call.sizes.get(i);
                scales[i] = (float) sizes[i] / call.shape.get(places[i]);
            }
            keepAspect(call, places, scales, sizes);
        } else if (!call.scales.isEmpty()) {
            for (int i = 0; i < places.length; i++) {
                scales[i] = call.scales.get(i).floatValue();
                sizes[i] = (long) (scales[i] * call.shape.get(places[i]));
            }
        } else {
            throw node.refused("has neither scales nor sizes");
        }
        int half = call.roi.size() / 2;
        return IntStream.range(0, places.length)
                .filter(i -> scales[i] != 1)
                .mapToObj(i -> new Change(
                        places[i],
                        rule.axis(
                                call.shape.get(places[i]),
                                sizes[i],
                                scales[i],
                                half == 0 ? 0 : call.roi.get(i).floatValue(),
                                half == 0 ? 1 : call.roi.get(half + i).floatValue())))
                .toList();
    }

    private int[] places(int dimensions) {
        return axes == null
                ? IntStream.range(0, dimensions).toArray()
                : Arrays.stream(axes)
                        .mapToInt(a -> Math.floorMod((int) a, dimensions))
                        .toArray();
    }

    private void keepAspect(Call call, int[] places, float[] scales, long[] sizes) {
        if (aspect.equals("stretch")) {
            return;
        }
        float common = scales[0];
        for (float scale : scales) {
            common = aspect.equals("not_larger") ? Math.min(common, scale) : Math.max(common, scale);
        }
        for (int i = 0; i < places.length; i++) {
            scales[i] = common;
            sizes[i] = Math.round(common * call.shape.get(places[i]));
        }
    }

    /** Calls libtorch where it does the same over height and width. */
    private @Nullable Tensor direct(Tensor image, List<Change> changes) {
        boolean plane = image.dim() == 4 && changes.stream().allMatch(change -> change.dimension >= 2);
        if (!plane || changes.isEmpty()) {
            return null;
        }
        boolean corners = rule.isAlignedToCorners();
        if (!changes.stream().allMatch(change -> change.axis.isLibtorchs())) {
            return null;
        }
        long[] size = {image.size(2), image.size(3)};
        DoubleOptional[] scales = {new DoubleOptional(), new DoubleOptional()};
        for (Change change : changes) {
            size[change.dimension - 2] = change.axis.to();
            scales[change.dimension - 2] = new DoubleOptional(change.axis.scale());
        }
        return switch (rule.mode()) {
            case "nearest" -> torch.upsample_nearest2d(image, size);
            case "linear" -> torch.upsample_bilinear2d(image, size, corners, scales[0], scales[1]);
            default -> torch.upsample_bicubic2d(image, size, corners, scales[0], scales[1]);
        };
    }

    private static Tensor chosen(Tensor image, Change change) {
        return image.index_select(change.dimension, Reckoned.places(change.axis.places(), image));
    }

    private static Tensor mixed(Tensor image, Change change) {
        ResizeAxis axis = change.axis;
        Tensor weights = Reckoned.of(axis.weights(), image, axis.to(), axis.from());
        if (change.dimension == image.dim() - 1) {
            return image.matmul(weights.t());
        }
        if (change.dimension == image.dim() - 2) {
            return weights.matmul(image);
        }
        return image.movedim(change.dimension, -1).matmul(weights.t()).movedim(-1, change.dimension);
    }

    /** What lies outside of the input gets the extrapolation value. */
    private Tensor filled(Tensor output, List<Change> changes) {
        Tensor filled = output;
        for (Change change : changes) {
            double[] inside = change.axis.inside();
            if (Arrays.stream(inside).allMatch(share -> share == 1)) {
                continue;
            }
            long[] shape = Windows.ones((int) output.dim());
            shape[change.dimension] = inside.length;
            Tensor mask = Reckoned.of(inside, output).reshape(shape);
            filled = torch.where(mask.gt(new Scalar(0.5)), filled, torch.full_like(filled, new Scalar(extrapolation)));
        }
        return filled;
    }
}
