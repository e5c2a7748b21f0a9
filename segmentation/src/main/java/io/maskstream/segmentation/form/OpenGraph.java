package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph opened for rewriting: its nodes in order, its constants by name, and who gives and who takes each value.
 *
 * <p>What changes nothing at inference is resolved when it is opened: {@code Constant} nodes become constants, and the
 * takers of an {@code Identity} or {@code Dropout} take its input instead.
 */
final class OpenGraph {
    private final ModelProto model;
    private final Map<String, TensorProto> constants = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    private List<NodeProto> nodes = new ArrayList<>();

    OpenGraph(ModelProto model) {
        this.model = model;
        GraphProto graph = model.getGraph();
        for (TensorProto constant : graph.getInitializerList()) {
            constants.put(constant.getName(), constant);
        }
        names.addAll(constants.keySet());
        graph.getInputList().forEach(input -> names.add(input.getName()));
        Set<String> outputs = outputs();
        Map<String, String> aliases = new HashMap<>();
        for (NodeProto node : graph.getNodeList()) {
            names.addAll(node.getOutputList());
            names.add(node.getName());
            String output = node.getOutput(0);
            boolean passes =
                    node.getOpType().equals("Identity") || node.getOpType().equals("Dropout");
            TensorProto constant = constantOf(node);
            if (constant != null && !outputs.contains(output)) {
                constants.put(output, constant.toBuilder().setName(output).build());
            } else if (passes && node.getOutputCount() == 1 && !outputs.contains(output)) {
                aliases.put(output, aliases.getOrDefault(node.getInput(0), node.getInput(0)));
            } else {
                nodes.add(reading(node, aliases));
            }
        }
    }

    private static @Nullable TensorProto constantOf(NodeProto node) {
        if (!node.getOpType().equals("Constant")) {
            return null;
        }
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals("value"))
                .findFirst()
                .map(attribute -> attribute.getT())
                .orElse(null);
    }

    /** Returns a node that takes other values, by the names of those that change. */
    static NodeProto reading(NodeProto node, Map<String, String> instead) {
        NodeProto.Builder changed = node.toBuilder();
        for (int i = 0; i < node.getInputCount(); i++) {
            changed.setInput(i, instead.getOrDefault(node.getInput(i), node.getInput(i)));
        }
        return changed.build();
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
        return io.maskstream.segmentation.model.ModelFile.inputs(model.getGraph())
                .get(0)
                .getName();
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
        names.add(constant.getName());
        constants.put(constant.getName(), constant);
        return constant.getName();
    }

    /** Returns a name that nothing has yet, and takes it. */
    String unique(String wanted) {
        String name = wanted;
        for (int i = 1; !names.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    /** Returns the node that gives each value. */
    Map<String, NodeProto> givers() {
        Map<String, NodeProto> givers = new HashMap<>();
        for (NodeProto node : nodes) {
            node.getOutputList().forEach(output -> givers.put(output, node));
        }
        return givers;
    }

    /** Returns the nodes that take each value; the graph's own outputs are not among them. */
    Map<String, List<NodeProto>> takers() {
        Map<String, List<NodeProto>> takers = new HashMap<>();
        for (NodeProto node : nodes) {
            for (String input : Set.copyOf(node.getInputList())) {
                takers.computeIfAbsent(input, name -> new ArrayList<>()).add(node);
            }
        }
        return takers;
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
