package io.maskstream.segmentation.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked of a graph as it is: who gives a value, who reads it, which values are constant, and what lies before
 * and after one.
 *
 * <p>Nodes come in topological order, as the standard wants it. Where sets of nodes are asked for, a node goes by its place in
 * that order.
 */
public final class GraphView {
    private static final Set<String> SIZES = Set.of("Shape", "Size");

    private final int opset;
    private final GraphProto graph;
    private final Map<String, Integer> givers = new HashMap<>();
    private final Map<String, List<NodeProto>> readers = new HashMap<>();
    private final Map<String, TensorProto> constants = new HashMap<>();

    /** Looks at a model's graph; a change made later is not seen. */
    public GraphView(ModelProto model) {
        opset = opset(model);
        graph = model.getGraph();
        graph.getInitializerList().forEach(weight -> constants.put(weight.getName(), weight));
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            for (String output : node.getOutputList()) {
                givers.put(output, i);
            }
            for (String input : Set.copyOf(node.getInputList())) {
                readers.computeIfAbsent(input, name -> new ArrayList<>()).add(node);
            }
            if (node.getOpType().equals("Constant")
                    && node.getAttributeCount() == 1
                    && node.getAttribute(0).hasT()) {
                constants.put(node.getOutput(0), node.getAttribute(0).getT());
            }
            if (node.getOpType().equals("Identity") && constants.containsKey(node.getInput(0))) {
                constants.put(node.getOutput(0), constants.get(node.getInput(0))); // a weight that several nodes share
            }
        }
    }

    /** Returns the version of the standard operator set that a model uses, 0 if it names none. */
    public static int opset(ModelProto model) {
        for (OperatorSetIdProto set : model.getOpsetImportList()) {
            if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) {
                return (int) Math.max(0, Math.min(Integer.MAX_VALUE, set.getVersion()));
            }
        }
        return 0;
    }

    /** Returns the graph inputs that are not weights. */
    public static List<ValueInfoProto> inputs(GraphProto graph) {
        Set<String> weights =
                graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
        return graph.getInputList().stream()
                .filter(input -> !weights.contains(input.getName()))
                .collect(Collectors.toList());
    }

    /** Returns operator and name of a node, for messages. */
    public static String describe(NodeProto node) {
        String name = node.getName().isEmpty() ? "giving '" + node.getOutput(0) + "'" : "'" + node.getName() + "'";
        return node.getOpType() + " " + name;
    }

    /** Returns the version of the standard operator set, 0 if the model names none. */
    public int opset() {
        return opset;
    }

    /** Returns how many nodes there are. */
    public int count() {
        return graph.getNodeCount();
    }

    /** Returns the node at a place. */
    public NodeProto node(int place) {
        return graph.getNode(place);
    }

    /** Says whether a node gives the value; weights and inputs are given by none. */
    public boolean isGiven(String value) {
        return givers.containsKey(value);
    }

    /** Returns the place of the node that gives a value, -1 for none. */
    public int place(String value) {
        return givers.getOrDefault(value, -1);
    }

    /** Returns the node that gives a value, null for inputs and weights. */
    public @Nullable NodeProto giver(String value) {
        Integer place = givers.get(value);
        return place == null ? null : node(place);
    }

    /** Returns the nodes that read a value, each once, in order; that a value is an output of the graph is no reading. */
    public List<NodeProto> readers(String value) {
        return readers.getOrDefault(value, List.of());
    }

    /** Returns the tensor behind a value that never changes, null for others. */
    public @Nullable TensorProto constant(String value) {
        return constants.get(value);
    }

    /** Returns a node's inputs that are not constant. */
    public List<String> variables(NodeProto node) {
        return node.getInputList().stream()
                .filter(input -> !input.isEmpty() && !constants.containsKey(input))
                .toList();
    }

    /** Returns the places of the nodes that a value needs. */
    public Set<Integer> before(String value) {
        Set<String> needed = new HashSet<>(Set.of(value));
        Set<Integer> before = new HashSet<>();
        for (int i = count() - 1; i >= 0; i--) {
            if (node(i).getOutputList().stream().anyMatch(needed::contains)) {
                before.add(i);
                needed.addAll(node(i).getInputList());
            }
        }
        return before;
    }

    /** Returns the places of the nodes that a value's content reaches; its size alone counts for nothing. */
    public Set<Integer> after(String value) {
        Set<String> reached = new HashSet<>(Set.of(value));
        Set<Integer> after = new HashSet<>();
        for (int i = 0; i < count(); i++) {
            if (!SIZES.contains(node(i).getOpType())
                    && node(i).getInputList().stream().anyMatch(reached::contains)) {
                after.add(i);
                reached.addAll(node(i).getOutputList());
            }
        }
        return after;
    }

    /** Returns the places of the nodes that depend on the graph's inputs in no way. */
    public Set<Integer> independent() {
        Set<String> moving = new HashSet<>();
        for (ValueInfoProto input : inputs(graph)) {
            moving.add(input.getName());
        }
        Set<Integer> independent = new HashSet<>();
        for (int i = 0; i < count(); i++) {
            if (node(i).getInputList().stream().anyMatch(moving::contains)) {
                moving.addAll(node(i).getOutputList());
            } else {
                independent.add(i);
            }
        }
        return independent;
    }
}
