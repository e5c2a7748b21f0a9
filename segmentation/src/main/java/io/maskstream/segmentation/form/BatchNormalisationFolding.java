package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.graph.TensorValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Multiplies batch normalisation into the convolution before it.
 *
 * <p>With running mean {@code m} and variance {@code v}, {@code g (w x + b - m) / sqrt(v + e) + h} is the convolution with
 * the weights {@code k w} and the bias {@code k (b - m) + h}, {@code k = g / sqrt(v + e)}: equal but for rounding, computed
 * here in double. The float32 file keeps its batch normalisation, since it is trained on; only the other forms are folded.
 */
final class BatchNormalisationFolding {
    private BatchNormalisationFolding() {}

    /** Folds where a convolution of constant weights is read by its batch normalisation alone; leaves the rest. */
    static void fold(OpenGraph graph) {
        GraphView view = graph.view();
        Set<String> outputs = graph.outputs();
        Map<String, NodeProto> folded = new HashMap<>(); // by the output of the convolution
        Map<String, NodeProto> gone = new HashMap<>();
        for (NodeProto node : graph.nodes()) {
            if (!node.getOpType().equals("BatchNormalization") || !hasConstants(graph, node)) {
                continue;
            }
            NodeProto convolution = view.giver(node.getInput(0));
            boolean alone = convolution != null
                    && convolution.getOpType().equals("Conv")
                    && !outputs.contains(node.getInput(0))
                    && view.readers(node.getInput(0)).size() == 1;
            if (convolution == null || !alone || !isConstant(graph, convolution)) {
                continue;
            }
            folded.put(node.getInput(0), folded(graph, convolution, node));
            gone.put(node.getOutput(0), node);
        }
        List<NodeProto> nodes = new ArrayList<>();
        for (NodeProto node : graph.nodes()) {
            String output = node.getOutput(0);
            if (!gone.containsKey(output)) {
                nodes.add(folded.getOrDefault(output, node));
            }
        }
        graph.nodes(nodes);
    }

    private static boolean hasConstants(OpenGraph graph, NodeProto normalisation) {
        for (int i = 1; i < 5; i++) {
            if (graph.floatConstant(normalisation.getInput(i)) == null) {
                return false;
            }
        }
        return true;
    }

    private static boolean isConstant(OpenGraph graph, NodeProto convolution) {
        boolean bias = convolution.getInputCount() < 3
                || convolution.getInput(2).isEmpty()
                || graph.floatConstant(convolution.getInput(2)) != null;
        return bias && graph.floatConstant(convolution.getInput(1)) != null;
    }

    private static NodeProto folded(OpenGraph graph, NodeProto convolution, NodeProto normalisation) {
        TensorProto weight = Objects.requireNonNull(graph.floatConstant(convolution.getInput(1)));
        float[] weights = TensorValues.floats(weight); // [out, in / groups, height, width]
        float[] gain = values(graph, normalisation, 1);
        float[] shift = values(graph, normalisation, 2);
        float[] mean = values(graph, normalisation, 3);
        float[] variance = values(graph, normalisation, 4);
        boolean hasBias =
                convolution.getInputCount() > 2 && !convolution.getInput(2).isEmpty();
        float[] before = hasBias ? values(graph, convolution, 2) : new float[gain.length];
        double epsilon = epsilon(normalisation);
        int each = weights.length / gain.length;
        float[] scaled = new float[weights.length];
        float[] bias = new float[gain.length];
        for (int c = 0; c < gain.length; c++) {
            double factor = gain[c] / Math.sqrt(variance[c] + epsilon);
            for (int i = c * each; i < (c + 1) * each; i++) {
                scaled[i] = (float) (weights[i] * factor);
            }
            bias[c] = (float) ((before[c] - mean[c]) * factor + shift[c]);
        }
        String name = graph.unique(weight.getName() + ".folded");
        graph.put(TensorValues.ofFloats(name, scaled, TensorValues.shape(weight)));
        String biasName = graph.unique(weight.getName() + ".folded.bias");
        graph.put(TensorValues.ofFloats(biasName, bias, bias.length));
        return convolution.toBuilder()
                .clearInput()
                .addInput(convolution.getInput(0))
                .addInput(name)
                .addInput(biasName)
                .setOutput(0, normalisation.getOutput(0))
                .build();
    }

    private static float[] values(OpenGraph graph, NodeProto node, int input) {
        return TensorValues.floats(Objects.requireNonNull(graph.floatConstant(node.getInput(input))));
    }

    private static double epsilon(NodeProto normalisation) {
        AttributeProto epsilon = Attributes.of(normalisation, "epsilon");
        return epsilon == null ? 1e-5f : epsilon.getF();
    }
}
