package io.maskstream.segmentation.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Cuts away what a graph's wanted outputs do not need. */
public final class GraphPruning {
    private GraphPruning() {}

    /**
     * Returns the model with these outputs only, and the nodes and weights that lead to them.
     *
     * @throws IllegalArgumentException if the model has no output of one of the names
     */
    public static ModelProto keep(ModelProto model, Collection<String> outputs) {
        GraphProto graph = model.getGraph();
        Set<String> needed = new HashSet<>();
        GraphProto.Builder kept = graph.toBuilder()
                .clearNode()
                .clearInitializer()
                .clearOutput()
                .clearInput()
                .clearValueInfo();
        for (String name : outputs) {
            ValueInfoProto output = graph.getOutputList().stream()
                    .filter(value -> value.getName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("the model has no output '" + name + "'"));
            kept.addOutput(output);
            needed.add(name);
        }
        List<NodeProto> nodes = new ArrayList<>();
        for (int i = graph.getNodeCount() - 1; i >= 0; i--) { // nodes come in topological order
            NodeProto node = graph.getNode(i);
            if (node.getOutputList().stream().anyMatch(needed::contains)) {
                nodes.add(0, node);
                needed.addAll(node.getInputList());
            }
        }
        kept.addAllNode(nodes);
        for (TensorProto weight : graph.getInitializerList()) {
            if (needed.contains(weight.getName())) {
                kept.addInitializer(weight);
            }
        }
        List<ValueInfoProto> pictures = GraphView.inputs(graph);
        for (ValueInfoProto input : graph.getInputList()) {
            if (needed.contains(input.getName()) || pictures.contains(input)) {
                kept.addInput(input);
            }
        }
        return model.toBuilder().setGraph(kept).build();
    }
}
