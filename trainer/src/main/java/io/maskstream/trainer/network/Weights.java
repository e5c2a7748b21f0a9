package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
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
        Set<String> outputs = new LinkedHashSet<>();
        graph.getOutputList().forEach(output -> outputs.add(output.getName()));
        Set<String> weights = names(model.getGraph());
        for (NodeProto node : model.getGraph().getNodeList()) {
            AttributeProto value = node.getAttributeCount() == 1 ? node.getAttribute(0) : null;
            if (node.getOpType().equals("Constant") && value != null) {
                graph.addInitializer(constant(node.getOutput(0), value, node.getName()));
            } else if (node.getOpType().equals("Identity")
                    && weights.contains(node.getInput(0))
                    && !outputs.contains(node.getOutput(0))) {
                renamed.put(node.getOutput(0), node.getInput(0)); // a weight that several nodes share
            } else {
                graph.addNode(withInputs(node, renamed));
            }
        }
        return model.toBuilder().setGraph(graph).build();
    }

    private static TensorProto constant(String name, AttributeProto value, String node) {
        TensorProto.Builder tensor = TensorProto.newBuilder();
        switch (value.getName()) {
            case "value" -> tensor.mergeFrom(value.getT());
            case "value_int" ->
                tensor.setDataType(TensorProto.DataType.INT64_VALUE).addInt64Data(value.getI());
            case "value_ints" ->
                tensor.setDataType(TensorProto.DataType.INT64_VALUE)
                        .addDims(value.getIntsCount())
                        .addAllInt64Data(value.getIntsList());
            case "value_float" ->
                tensor.setDataType(TensorProto.DataType.FLOAT_VALUE).addFloatData(value.getF());
            case "value_floats" ->
                tensor.setDataType(TensorProto.DataType.FLOAT_VALUE)
                        .addDims(value.getFloatsCount())
                        .addAllFloatData(value.getFloatsList());
            default ->
                throw new IllegalArgumentException(
                        "node Constant '" + node + "' holds " + value.getName() + ", which is not supported");
        }
        return tensor.setName(name).build();
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
