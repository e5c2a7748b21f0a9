package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.maskstream.trainer.network.operator.Constants;
import io.maskstream.trainer.network.operator.GraphNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts the two ways in which exporters write a weight, initializer and Constant node, into one. */
final class ConstantNodes {
    private ConstantNodes() {}

    /** Returns the model with the tensors of its Constant nodes as initializers, so that they are weights like others. */
    static ModelProto asWeights(ModelProto model) {
        GraphProto.Builder graph = model.getGraph().toBuilder().clearNode();
        Map<String, String> renamed = new HashMap<>();
        Set<String> named = new LinkedHashSet<>(); // by an output, or by a graph inside of a node
        graph.getOutputList().forEach(output -> named.add(output.getName()));
        model.getGraph().getNodeList().forEach(node -> named.addAll(GraphNode.captured(node)));
        Set<String> weights = names(model.getGraph());
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (Constants.isConstant(node)) {
                graph.addInitializer(Constants.tensor(node));
            } else if (node.getOpType().equals("Identity")
                    && weights.contains(node.getInput(0))
                    && !named.contains(node.getOutput(0))) {
                renamed.put(node.getOutput(0), node.getInput(0)); // a weight that several nodes share
            } else {
                graph.addNode(withInputs(node, renamed));
            }
        }
        return model.toBuilder().setGraph(graph).build();
    }

    private static NodeProto withInputs(NodeProto node, Map<String, String> renamed) {
        if (node.getInputList().stream().noneMatch(renamed::containsKey)) {
            return node;
        }
        List<String> inputs = new ArrayList<>();
        node.getInputList().forEach(input -> inputs.add(renamed.getOrDefault(input, input)));
        return node.toBuilder().clearInput().addAllInput(inputs).build();
    }

    private static Set<String> names(GraphProto graph) {
        Set<String> names = new LinkedHashSet<>();
        graph.getInitializerList().forEach(weight -> names.add(weight.getName()));
        return names;
    }
}
