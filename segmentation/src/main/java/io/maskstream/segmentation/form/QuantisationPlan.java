package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which convolutions of a graph compute in integers, and which values between them are kept as bytes.
 *
 * <p>A convolution's input is a byte value, and so is what its Relu or Clip gives, not what comes between: ONNX Runtime
 * then drops the activation, whose bound is the end of the bytes' range, and runs convolution and rounding as one. Pooling,
 * resizing, stacking and sums of byte values give byte values; all else stays float32.
 *
 * @param convolutions by the name of their output
 * @param values names of the values that are bytes
 * @param sameAs values whose steps are those of another value
 */
record QuantisationPlan(Set<String> convolutions, Set<String> values, Map<String, String> sameAs) {
    private static final Set<String> ACTIVATIONS = Set.of("Relu", "Clip");

    /** Operators that only move or choose values of their first input, or stay between them. */
    private static final Set<String> KEEPING =
            Set.of("MaxPool", "Resize", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "DepthToSpace");

    private static final Set<String> JOINING = Set.of("Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool");

    QuantisationPlan {
        convolutions = Set.copyOf(convolutions);
        values = Set.copyOf(values);
        sameAs = Map.copyOf(sameAs);
    }

    /**
     * Plans.
     *
     * @param first whether the convolutions that see the picture are among them
     * @param last whether those are whose output reaches the class scores through no other convolution
     */
    static QuantisationPlan of(OpenGraph graph, boolean first, boolean last) {
        Set<String> ends = last ? Set.of() : lastConvolutions(graph);
        GraphView view = graph.view();
        Set<String> outputs = graph.outputs();
        Set<String> convolutions = new HashSet<>();
        Set<String> values = new LinkedHashSet<>();
        Map<String, String> sameAs = new HashMap<>();
        for (NodeProto node : graph.nodes()) {
            boolean seesPicture = node.getInputCount() > 0 && node.getInput(0).equals(graph.input());
            if (!isConvolution(graph, node) || ends.contains(node.getOutput(0)) || (seesPicture && !first)) {
                continue;
            }
            String settled = settled(node.getOutput(0), view, outputs);
            if (!outputs.contains(settled)) {
                convolutions.add(node.getOutput(0));
                values.add(node.getInput(0));
                values.add(settled);
            }
        }
        for (NodeProto node : graph.nodes()) {
            String output = node.getOutputCount() == 1 ? node.getOutput(0) : "";
            if (KEEPING.contains(node.getOpType())
                    && values.contains(node.getInput(0))
                    && !outputs.contains(output)
                    && !output.isEmpty()
                    && (!node.getOpType().equals("Resize") || staysBetween(node))) {
                values.add(output);
                sameAs.put(output, sameAs.getOrDefault(node.getInput(0), node.getInput(0)));
            } else if (JOINING.contains(node.getOpType()) && values.containsAll(node.getInputList())) {
                String settled = settled(output, view, outputs);
                if (!outputs.contains(settled)) {
                    values.add(settled);
                }
            }
        }
        return new QuantisationPlan(convolutions, values, sameAs);
    }

    private static boolean isConvolution(OpenGraph graph, NodeProto node) {
        return node.getOpType().equals("Conv")
                && graph.floatConstant(node.getInput(1)) != null
                && (node.getInputCount() < 3
                        || node.getInput(2).isEmpty()
                        || graph.floatConstant(node.getInput(2)) != null);
    }

    /** Cubic resizing goes beyond the values it is given. */
    private static boolean staysBetween(NodeProto resize) {
        AttributeProto mode = Attributes.of(resize, "mode");
        return mode == null || !mode.getS().toStringUtf8().equals("cubic");
    }

    private static String settled(String output, GraphView view, Set<String> outputs) {
        List<NodeProto> nodes = view.readers(output);
        boolean activated = nodes.size() == 1
                && ACTIVATIONS.contains(nodes.get(0).getOpType())
                && nodes.get(0).getInput(0).equals(output)
                && !outputs.contains(output);
        return activated ? nodes.get(0).getOutput(0) : output;
    }

    private static Set<String> lastConvolutions(OpenGraph graph) {
        GraphView view = graph.view();
        Set<String> last = new HashSet<>();
        Set<String> met = new HashSet<>(graph.outputs());
        Deque<String> open = new ArrayDeque<>(met);
        while (!open.isEmpty()) {
            NodeProto giver = view.giver(open.pop());
            if (giver == null) {
                continue;
            }
            if (giver.getOpType().equals("Conv")) {
                last.add(giver.getOutput(0));
            } else if (!giver.getOpType().equals("Shape")) { // a size is no path of values
                giver.getInputList().stream().filter(met::add).forEach(open::push);
            }
        }
        return last;
    }
}
