package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.trainer.network.operator.Constants;
import io.maskstream.trainer.network.operator.GraphNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which initializers of a graph learn.
 *
 * <p>ONNX does not say. Learned are float tensors that a convolution, a product of matrices, a normalisation or a slope
 * reads as its weight or bias, and those of more than one value that are added to or multiplied with features. Running
 * statistics of batch normalisation move in training but have no gradient. All else is constant: sizes, bounds, scales.
 */
final class Weights {
    private static final Map<String, Set<Integer>> POSITIONS = Map.of(
            "Conv", Set.of(1, 2),
            "ConvTranspose", Set.of(1, 2),
            "Gemm", Set.of(0, 1, 2),
            "MatMul", Set.of(0, 1),
            "BatchNormalization", Set.of(1, 2),
            "InstanceNormalization", Set.of(1, 2),
            "LayerNormalization", Set.of(1, 2),
            "PRelu", Set.of(1),
            "Add", Set.of(0, 1),
            "Mul", Set.of(0, 1));

    private static final Set<String> ONLY_MANY = Set.of("Add", "Mul");

    private Weights() {}

    static Set<String> runningStatistics(GraphProto graph) {
        Set<String> initializers = names(graph);
        Set<String> found = new LinkedHashSet<>();
        for (NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("BatchNormalization")) {
                for (int i = 3; i <= 4 && i < node.getInputCount(); i++) {
                    if (initializers.contains(node.getInput(i))) {
                        found.add(node.getInput(i));
                    }
                }
            }
        }
        return found;
    }

    static Set<String> learned(GraphProto graph, Set<String> buffers) {
        Map<String, Long> floats = new HashMap<>();
        for (TensorProto weight : graph.getInitializerList()) {
            if (weight.getDataType() == TensorProto.DataType.FLOAT_VALUE && !buffers.contains(weight.getName())) {
                long count = 1;
                for (long side : weight.getDimsList()) {
                    count *= side;
                }
                floats.put(weight.getName(), count);
            }
        }
        Set<String> learned = new LinkedHashSet<>();
        for (NodeProto node : graph.getNodeList()) {
            for (int i : POSITIONS.getOrDefault(node.getOpType(), Set.of()).stream()
                    .sorted()
                    .toList()) {
                String name = i < node.getInputCount() ? node.getInput(i) : "";
                Long count = floats.get(name);
                if (count != null && (count > 1 || !ONLY_MANY.contains(node.getOpType()))) {
                    learned.add(name);
                }
            }
        }
        return learned;
    }

    /** Returns the model with the tensors of its Constant nodes as initializers, so that they are weights like others. */
    static ModelProto withConstantsAsWeights(ModelProto model) {
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
