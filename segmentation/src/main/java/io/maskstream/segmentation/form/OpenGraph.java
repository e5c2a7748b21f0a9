package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.graph.Rewiring;
import io.maskstream.segmentation.graph.TakenNames;
import io.maskstream.segmentation.graph.TensorValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph opened for rewriting: its nodes in order, and its constants by name.
 *
 * <p>What changes nothing at inference is resolved when it is opened: {@code Constant} nodes become constants, and the
 * readers of an {@code Identity} or {@code Dropout} read its input instead.
 */
final class OpenGraph {
    private final ModelProto model;
    private final Map<String, TensorProto> constants = new LinkedHashMap<>();
    private final TakenNames names;
    private List<NodeProto> nodes = new ArrayList<>();

    OpenGraph(ModelProto model) {
        this.model = model;
        this.names = new TakenNames(model.getGraph());
        GraphProto graph = model.getGraph();
        for (TensorProto constant : graph.getInitializerList()) {
            constants.put(constant.getName(), constant);
        }
        Set<String> outputs = outputs();
        Map<String, String> aliases = new HashMap<>();
        for (NodeProto node : graph.getNodeList()) {
            String output = node.getOutput(0);
            boolean passes =
                    node.getOpType().equals("Identity") || node.getOpType().equals("Dropout");
            TensorProto constant = constantOf(node);
            if (constant != null && !outputs.contains(output)) {
                constants.put(output, constant.toBuilder().setName(output).build());
            } else if (passes && node.getOutputCount() == 1 && !outputs.contains(output)) {
                aliases.put(output, aliases.getOrDefault(node.getInput(0), node.getInput(0)));
            } else {
                nodes.add(Rewiring.reading(node, aliases));
            }
        }
    }

    private static @Nullable TensorProto constantOf(NodeProto node) {
        AttributeProto value = node.getOpType().equals("Constant") ? Attributes.of(node, "value") : null;
        return value == null ? null : value.getT();
    }

    List<NodeProto> nodes() {
        return nodes;
    }

    /** Takes other nodes, in topological order. */
    void nodes(List<NodeProto> others) {
        nodes = others;
    }

    /** Returns the names of what the graph gives. */
    Set<String> outputs() {
        Set<String> outputs = new HashSet<>();
        model.getGraph().getOutputList().stream().map(ValueInfoProto::getName).forEach(outputs::add);
        return outputs;
    }

    /** Returns the name of the picture. */
    String input() {
        return GraphView.inputs(model.getGraph()).get(0).getName();
    }

    /** Returns a constant, or null if the value is none. */
    @Nullable
    TensorProto constant(String name) {
        return constants.get(name);
    }

    /** Returns a float32 constant, or null if the value is none. */
    @Nullable
    TensorProto floatConstant(String name) {
        TensorProto constant = constants.get(name);
        return constant != null && TensorValues.isFloat(constant) ? constant : null;
    }

    /** Adds a constant or replaces it. */
    String put(TensorProto constant) {
        names.take(constant.getName());
        constants.put(constant.getName(), constant);
        return constant.getName();
    }

    /** Returns a name that nothing has yet, and takes it. */
    String unique(String wanted) {
        return names.unique(wanted);
    }

    /** Returns who gives and who reads each value now; later changes are not seen in it. */
    GraphView view() {
        return new GraphView(close());
    }

    /** Returns the model with the nodes as they are now and the constants that they use. */
    ModelProto close() {
        Set<String> used = outputs();
        nodes.forEach(node -> used.addAll(node.getInputList()));
        GraphProto.Builder graph = model.getGraph().toBuilder()
                .clearNode()
                .clearInitializer()
                .clearValueInfo()
                .addAllNode(nodes);
        constants.values().stream()
                .filter(constant -> used.contains(constant.getName()))
                .forEach(graph::addInitializer);
        String picture = input();
        graph.clearInput();
        model.getGraph().getInputList().stream()
                .filter(value -> value.getName().equals(picture))
                .forEach(graph::addInput);
        return model.toBuilder().setGraph(graph).build();
    }
}
