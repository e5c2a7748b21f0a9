package io.maskstream.segmentation.adoption;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.model.ModelFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The class scores of a graph before softmax and arg-max.
 *
 * @param value the value that has them
 * @param cut the operators between them and the output, from the output back
 * @param layout the order of their axes
 * @param channels how many there are for a pixel
 * @param rows of the scores for a picture of the size that was tried
 * @param columns of the scores
 * @param why how they were found
 */
record Scores(String value, List<String> cut, Layout layout, int channels, int rows, int columns, String why) {
    private static final Set<String> DECISIONS = Set.of("Softmax", "LogSoftmax", "Sigmoid", "ArgMax");
    private static final Set<String> PASSING =
            Set.of("Identity", "Cast", "Squeeze", "Unsqueeze", "Transpose", "Reshape");

    Scores {
        cut = List.copyOf(cut);
    }

    /** Says whether the scores have the picture's size. */
    boolean areFullSize(int height, int width) {
        return rows == height && columns == width;
    }

    /** A value at which scores may be, and what was passed on the way back to it. */
    private record Candidate(String output, String value, List<String> cut, @Nullable Long axis) {}

    /** Returns every value that {@link #find} wants to know the shape of. */
    static Set<String> candidates(ModelProto model, @Nullable String wanted) {
        Set<String> values = new LinkedHashSet<>();
        if (wanted != null) {
            values.add(wanted);
        }
        GraphView view = new GraphView(model);
        for (ValueInfoProto output : model.getGraph().getOutputList()) {
            values.add(lead(view, output.getName()).value());
        }
        return values;
    }

    /**
     * Finds the scores.
     *
     * @param shapes of the {@link #candidates} for a picture of height x width
     * @throws ModelFormatException if no value can be the scores, with what each output is
     */
    static Scores find(
            ModelProto model, @Nullable String wanted, Map<String, long[]> shapes, Layout input, int height, int width)
            throws ModelFormatException {
        GraphView view = new GraphView(model);
        List<String> outputs = model.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .toList();
        if (wanted != null) {
            boolean isOutput = outputs.contains(wanted);
            Candidate named = isOutput ? lead(view, wanted) : new Candidate(wanted, wanted, List.of(), null);
            return of(
                    named,
                    shapes,
                    input,
                    height,
                    width,
                    isOutput ? "the output that was named" : "the value that was" + " named");
        }
        List<String> inOrder = new ArrayList<>(outputs);
        inOrder.sort((a, b) -> Integer.compare(rank(a), rank(b)));
        List<String> refused = new ArrayList<>();
        for (String output : inOrder) {
            Candidate candidate = lead(view, output);
            long[] shape = shapes.get(candidate.value());
            if (shape != null && shape.length == 4) {
                String why = outputs.size() == 1 ? "the only output" : "the likeliest of the outputs " + outputs;
                return of(candidate, shapes, input, height, width, why);
            }
            refused.add("'" + output + "' " + (shape == null ? "of no known shape" : Arrays.toString(shape)));
        }
        throw new ModelFormatException("no output has class scores [N, C, H, W] or [N, H, W, C]: "
                + String.join(", ", refused) + ". Name the value that has them with --logits");
    }

    private static int rank(String output) {
        String name = output.toLowerCase(Locale.ROOT);
        return name.equals("logits") ? 0 : name.contains("aux") ? 2 : 1;
    }

    /** Goes back from an output to what the last decision was made of. */
    private static Candidate lead(GraphView view, String output) {
        String at = output;
        String scores = output;
        List<String> passed = new ArrayList<>();
        List<String> cut = new ArrayList<>();
        Long axis = null;
        for (NodeProto node = view.giver(at); node != null; node = view.giver(at)) {
            boolean decides = DECISIONS.contains(node.getOpType());
            if (!decides && !PASSING.contains(node.getOpType())) {
                break;
            }
            passed.add(GraphView.describe(node));
            at = node.getInput(0);
            if (decides) {
                scores = at;
                cut.addAll(passed);
                passed.clear();
                axis = axis(node, view.opset());
            }
        }
        return new Candidate(output, scores, cut, axis);
    }

    private static @Nullable Long axis(NodeProto decision, int opset) {
        return switch (decision.getOpType()) {
            case "Sigmoid" -> null; // each score for itself
            case "ArgMax" -> Attributes.integerOf(decision, "axis", 0);
            default -> Attributes.integerOf(decision, "axis", opset < 13 ? 1 : -1);
        };
    }

    private static Scores of(
            Candidate candidate, Map<String, long[]> shapes, Layout input, int height, int width, String why)
            throws ModelFormatException {
        long[] shape = shapes.get(candidate.value());
        if (shape == null || shape.length != 4) {
            throw new ModelFormatException("'" + candidate.value() + "' is "
                    + (shape == null ? "no value of the graph" : Arrays.toString(shape))
                    + "; class scores have four axes, [N, C, H, W] or [N, H, W, C]");
        }
        Layout layout = layout(candidate.axis(), shape, input, height, width);
        int row = layout.rowAxis();
        return new Scores(
                candidate.value(),
                candidate.cut(),
                layout,
                Math.toIntExact(shape[layout.channelAxis()]),
                Math.toIntExact(shape[row]),
                Math.toIntExact(shape[row + 1]),
                why);
    }

    private static Layout layout(@Nullable Long axis, long[] shape, Layout input, int height, int width) {
        if (axis != null && (axis == 1 || axis == -3)) {
            return Layout.NCHW;
        }
        if (axis != null && (axis == 3 || axis == -1)) {
            return Layout.NHWC;
        }
        boolean first = Math.abs(shape[2] * (double) width - shape[3] * (double) height) <= Math.max(height, width);
        boolean last = Math.abs(shape[1] * (double) width - shape[2] * (double) height) <= Math.max(height, width);
        return first == last ? input : first ? Layout.NCHW : Layout.NHWC;
    }
}
