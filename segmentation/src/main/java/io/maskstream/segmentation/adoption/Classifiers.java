package io.maskstream.segmentation.adoption;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.graph.Rewiring;
import io.maskstream.segmentation.graph.TensorValues;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The last layers with weights of their own for each class.
 *
 * <p>They are sought from the scores back, through nodes that leave every channel by itself: Resize, Transpose, Cast,
 * Identity, cuts and margins of rows and columns, constants that are added to each class. A sum of two branches has a
 * classifier in each. Where anything else comes first there is no classifier that could be changed by itself.
 */
final class Classifiers {
    private static final Set<String> BY_CHANNEL = Set.of("Identity", "Cast", "Resize", "Upsample");

    private final GraphView view;
    private final int channels;
    private final List<Part> parts = new ArrayList<>();
    private final List<NodeProto> layers = new ArrayList<>();
    private final Set<String> visited = new HashSet<>();

    /** A tensor with an entry for each class along an axis: weights, a bias, or the kernels of an upscaling. */
    private record Part(NodeProto node, int input, int axis, Role role) {}

    private enum Role {
        WEIGHT,
        BIAS,
        UPSCALING
    }

    private Classifiers(ModelProto model, int channels) {
        this.view = new GraphView(model);
        this.channels = channels;
    }

    /** Finds the classifiers in front of class scores; empty if there are none that can be changed. */
    static Classifiers before(ModelProto model, String scores, Layout layout, int channels) {
        Classifiers found = new Classifiers(model, channels);
        if (!found.seek(scores, layout.channelAxis())) {
            found.parts.clear();
            found.layers.clear();
        }
        return found;
    }

    boolean isEmpty() {
        return layers.isEmpty();
    }

    /** Returns operators and names of the layers. */
    List<String> names() {
        return layers.stream().map(GraphView::describe).toList();
    }

    private boolean seek(String value, int axis) {
        NodeProto node = view.giver(value);
        if (node == null || !visited.add(value)) {
            return false;
        }
        return switch (node.getOpType()) {
            case "Conv" -> axis == 1 && Attributes.integerOf(node, "group", 1) == 1 && layer(node, 0);
            case "ConvTranspose" -> axis == 1 && transposed(node);
            case "MatMul" -> layer(node, 1);
            case "Gemm" -> layer(node, Attributes.integerOf(node, "transB", 0) == 1 ? 0 : 1);
            case "Transpose" -> {
                AttributeProto order = Attributes.of(node, "perm");
                yield order != null && seek(node.getInput(0), (int) order.getInts(axis));
            }
            case "Add" -> sum(node, axis);
            case "Slice", "Pad" -> leavesChannels(node, axis) && seek(node.getInput(0), axis);
            default -> BY_CHANNEL.contains(node.getOpType()) && seek(node.getInput(0), axis);
        };
    }

    private boolean layer(NodeProto node, int outAxis) {
        TensorProto weight = view.constant(node.getInput(1));
        if (weight == null || outAxis >= weight.getDimsCount() || weight.getDims(outAxis) != channels) {
            return false;
        }
        parts.add(new Part(node, 1, outAxis, Role.WEIGHT));
        if (node.getInputCount() > 2 && !node.getInput(2).isEmpty() && !bias(node, 2)) {
            return false;
        }
        layers.add(node);
        return true;
    }

    private boolean transposed(NodeProto node) {
        long groups = Attributes.integerOf(node, "group", 1);
        if (groups == 1) {
            return layer(node, 1);
        }
        TensorProto kernels = view.constant(node.getInput(1));
        if (groups != channels || kernels == null || kernels.getDims(0) != channels || kernels.getDims(1) != 1) {
            return false;
        }
        parts.add(new Part(node, 1, 0, Role.UPSCALING));
        boolean biased = node.getInputCount() > 2 && !node.getInput(2).isEmpty();
        return (!biased || bias(node, 2)) && seek(node.getInput(0), 1);
    }

    private boolean sum(NodeProto node, int axis) {
        for (int i = 0; i < 2; i++) {
            if (view.constant(node.getInput(i)) != null) {
                return bias(node, i) && seek(node.getInput(1 - i), axis);
            }
        }
        return seek(node.getInput(0), axis) && seek(node.getInput(1), axis);
    }

    private boolean bias(NodeProto node, int input) {
        TensorProto bias = view.constant(node.getInput(input));
        int axis = bias == null ? -1 : bias.getDimsList().indexOf((long) channels);
        if (bias == null || axis < 0 || count(bias) != channels) {
            return false;
        }
        parts.add(new Part(node, input, axis, Role.BIAS));
        return true;
    }

    private boolean leavesChannels(NodeProto node, int axis) {
        if (node.getOpType().equals("Pad")) {
            TensorProto pads = node.getInputCount() > 1 ? view.constant(node.getInput(1)) : null;
            if (pads == null || node.getInputCount() > 3) {
                return false;
            }
            long[] margins = TensorValues.integers(pads);
            return margins[axis] == 0 && margins[axis + margins.length / 2] == 0;
        }
        TensorProto axes = node.getInputCount() > 3 ? view.constant(node.getInput(3)) : null;
        if (axes == null) {
            return false;
        }
        for (long cut : TensorValues.integers(axes)) {
            if (cut == axis || cut == axis - 4) {
                return false;
            }
        }
        return true;
    }

    /** Returns the model with fresh classifiers: weights by He et al. (2015) from a fixed seed, biases 0. */
    ModelProto fresh(ModelProto model, int classes, long seed) {
        Random random = new Random(seed);
        return changed(model, classes, (part, from, slices) -> {
            float[] values = new float[from.length / channels * classes];
            switch (part.role()) {
                case BIAS -> {}
                case UPSCALING -> fill(values, slices, (slice, i) -> mean(slices, i, null));
                case WEIGHT -> {
                    double deviation = Math.sqrt(2.0 * channels / from.length);
                    fill(values, slices, (slice, i) -> (float) (deviation * random.nextGaussian()));
                }
            }
            return values;
        });
    }

    /** Returns the model with each new class the mean of the old classes that the lists number. */
    ModelProto means(ModelProto model, List<List<Integer>> sources) {
        return changed(model, sources.size(), (part, from, slices) -> {
            float[] values = new float[from.length / channels * sources.size()];
            fill(values, slices, (slice, i) -> mean(slices, i, sources.get(slice)));
            return values;
        });
    }

    /** A tensor seen as {@code [outer, classes, inner]}. */
    @SuppressWarnings("ArrayRecordComponent") // read in a loop, compared by nobody
    private record Slices(float[] values, int outer, int classes, int inner) {
        float at(int o, int c, int i) {
            return values[(o * classes + c) * inner + i];
        }
    }

    private interface Maker {
        float[] make(Part part, float[] from, Slices slices);
    }

    private interface Entry {
        /** Returns the value at a place of a class's slice, outer times inner plus inner. */
        float at(int newClass, int place);
    }

    private static void fill(float[] values, Slices old, Entry entry) {
        int perClass = old.outer() * old.inner();
        int classes = values.length / perClass;
        for (int c = 0; c < classes; c++) {
            for (int place = 0; place < perClass; place++) {
                int o = place / old.inner();
                values[(o * classes + c) * old.inner() + place % old.inner()] = entry.at(c, place);
            }
        }
    }

    private static float mean(Slices old, int place, @Nullable List<Integer> sources) {
        double sum = 0;
        int count = sources == null ? old.classes() : sources.size();
        for (int k = 0; k < count; k++) {
            sum += old.at(place / old.inner(), sources == null ? k : sources.get(k), place % old.inner());
        }
        return (float) (sum / count);
    }

    private ModelProto changed(ModelProto model, int classes, Maker maker) {
        GraphBuilder builder = GraphBuilder.on(model).within("classifier/");
        ModelProto changed = model;
        for (Part part : parts) {
            String name = part.node().getInput(part.input());
            TensorProto old = Objects.requireNonNull(view.constant(name));
            int inner = 1;
            for (int d = part.axis() + 1; d < old.getDimsCount(); d++) {
                inner *= (int) old.getDims(d);
            }
            float[] from = TensorValues.floats(old);
            Slices slices = new Slices(from, from.length / channels / inner, channels, inner);
            long[] shape = TensorValues.shape(old);
            shape[part.axis()] = classes;
            String fresh = builder.weight(
                    builder.unique(part.role() == Role.BIAS ? "bias" : "weight"),
                    maker.make(part, from, slices),
                    shape);
            String output = part.node().getOutput(0);
            changed = Rewiring.reads(
                    builder.build(), name, fresh, node -> node.getOutput(0).equals(output));
            if (part.role() == Role.UPSCALING) {
                changed = withGroups(changed, output, classes);
            }
            builder = GraphBuilder.on(changed).within("classifier/");
        }
        return changed;
    }

    private static ModelProto withGroups(ModelProto model, String output, int groups) {
        ModelProto.Builder changed = model.toBuilder();
        for (NodeProto.Builder node : changed.getGraphBuilder().getNodeBuilderList()) {
            if (node.getOutput(0).equals(output)) {
                node.getAttributeBuilderList().stream()
                        .filter(attribute -> attribute.getName().equals("group"))
                        .forEach(attribute -> attribute.setI(groups));
            }
        }
        return changed.build();
    }

    private static long count(TensorProto tensor) {
        long count = 1;
        for (long side : tensor.getDimsList()) {
            count *= side;
        }
        return count;
    }
}
