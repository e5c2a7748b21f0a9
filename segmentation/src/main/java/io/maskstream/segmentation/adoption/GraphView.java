package io.maskstream.segmentation.adoption;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.model.ModelFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can be asked of a graph: who gives a value, who reads it, and which values are constant. */
final class GraphView {
    private final int opset;
    private final Map<String, NodeProto> givers = new HashMap<>();
    private final Map<String, List<NodeProto>> readers = new HashMap<>();
    private final Map<String, TensorProto> constants = new HashMap<>();

    GraphView(ModelProto model) {
        opset = ModelFile.opset(model);
        GraphProto graph = model.getGraph();
        graph.getInitializerList().forEach(weight -> constants.put(weight.getName(), weight));
        for (NodeProto node : graph.getNodeList()) {
            node.getOutputList().forEach(output -> givers.put(output, node));
            node.getInputList().forEach(input -> readers.computeIfAbsent(input, name -> new ArrayList<>())
                    .add(node));
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

    int opset() {
        return opset;
    }

    /** Returns the node that gives a value, null for inputs and weights. */
    @Nullable
    NodeProto giver(String value) {
        return givers.get(value);
    }

    List<NodeProto> readers(String value) {
        return readers.getOrDefault(value, List.of());
    }

    /** Returns the tensor behind a value that never changes, null for others. */
    @Nullable
    TensorProto constant(String value) {
        return constants.get(value);
    }

    /** Returns a node's inputs that are not constant. */
    List<String> variables(NodeProto node) {
        return node.getInputList().stream()
                .filter(input -> !input.isEmpty() && !constants.containsKey(input))
                .toList();
    }

    static @Nullable AttributeProto attribute(NodeProto node, String name) {
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.getName().equals(name)) {
                return attribute;
            }
        }
        return null;
    }

    static long integer(NodeProto node, String name, long otherwise) {
        AttributeProto attribute = attribute(node, name);
        return attribute == null ? otherwise : attribute.getI();
    }

    /** Returns operator and name for messages. */
    static String describe(NodeProto node) {
        String name = node.getName().isEmpty() ? "giving '" + node.getOutput(0) + "'" : "'" + node.getName() + "'";
        return node.getOpType() + " " + name;
    }
}
