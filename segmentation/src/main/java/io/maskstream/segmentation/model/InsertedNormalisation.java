package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OnnxTensor;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.graph.TensorValues;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Batch normalisation for a graph whose exporter folded it into the convolutions.
 *
 * <p>After each convolution with a bias, but those that give the class scores, comes a normalisation whose running mean and variance are measured on
 * pictures and whose scale and shift undo it: {@code scale = sqrt(variance + epsilon)}, {@code shift = mean}. In use the graph computes what it computed
 * before; in training the statistics are those of the batch, and learn.
 */
public final class InsertedNormalisation {
    private static final double EPSILON = 1e-5;
    private static final String PREFIX = "norm/";

    private InsertedNormalisation() {}

    /**
     * Returns the graph with the normalisations.
     *
     * @param pictures {@code [1, 3, height, width]} each, normalised, at least one; more of them make steadier statistics
     * @throws ModelFormatException if the graph does not run at the size
     * @throws IllegalArgumentException if there is no picture
     */
    public static ModelProto insert(ModelProto model, List<float[]> pictures, int height, int width)
            throws ModelFormatException {
        if (pictures.isEmpty()) {
            throw new IllegalArgumentException("normalisations are measured on at least one picture");
        }
        Set<String> values = folded(model);
        Map<String, Statistics> measured = new HashMap<>();
        long[] shape = {1, 3, height, width};
        try (GraphRun run = GraphRun.of(model, values)) {
            for (float[] picture : pictures) {
                run.watch(FloatBuffer.wrap(picture), shape, (name, tensor) -> {
                    if (values.contains(name)) {
                        measured.computeIfAbsent(
                                        name,
                                        absent -> new Statistics(
                                                (int) tensor.getInfo().getShape()[1]))
                                .add(tensor);
                    }
                });
            }
        }
        ModelProto.Builder with = model.toBuilder();
        GraphProto.Builder graph = with.getGraphBuilder().clearNode();
        for (NodeProto node : model.getGraph().getNodeList()) {
            Statistics statistics = measured.get(node.getOutput(0));
            if (statistics == null) {
                graph.addNode(node);
            } else {
                add(graph, node, statistics);
            }
        }
        return with.build();
    }

    /** Returns what the convolutions give that end in a bias and in no normalisation, but the class scores. */
    private static Set<String> folded(ModelProto model) {
        GraphView view = new GraphView(model);
        Set<String> folded = new LinkedHashSet<>();
        for (int i = 0; i < view.count(); i++) {
            NodeProto node = view.node(i);
            boolean bias = node.getOpType().equals("Conv")
                    && node.getInputCount() > 2
                    && !node.getInput(2).isEmpty();
            if (bias && !view.readers(node.getOutput(0)).isEmpty() && leadsToALayer(view, node.getOutput(0))) {
                folded.add(node.getOutput(0));
            }
        }
        return folded;
    }

    private static boolean leadsToALayer(GraphView view, String value) {
        boolean normalised = view.readers(value).stream()
                .anyMatch(reader -> reader.getOpType().endsWith("Normalization"));
        return !normalised
                && view.after(value).stream()
                        .anyMatch(node -> view.node(node).getOpType().equals("Conv"));
    }

    private static void add(GraphProto.Builder graph, NodeProto convolution, Statistics statistics) {
        String value = convolution.getOutput(0);
        String inner = PREFIX + value;
        graph.addNode(convolution.toBuilder().setOutput(0, inner));
        double[] mean = statistics.mean();
        double[] variance = statistics.variance(mean);
        float[] scale = new float[mean.length];
        for (int c = 0; c < scale.length; c++) {
            scale[c] = (float) Math.sqrt((float) variance[c] + EPSILON);
        }
        graph.addNode(NodeProto.newBuilder()
                .setName(PREFIX + convolution.getName())
                .setOpType("BatchNormalization")
                .addInput(inner)
                .addInput(weight(graph, inner + ".scale", scale))
                .addInput(weight(graph, inner + ".shift", floats(mean)))
                .addInput(weight(graph, inner + ".mean", floats(mean)))
                .addInput(weight(graph, inner + ".variance", floats(variance)))
                .addOutput(value)
                .addAttribute(Attributes.real("epsilon", EPSILON))
                .addAttribute(Attributes.real("momentum", 0.9)));
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static String weight(GraphProto.Builder graph, String name, float[] values) {
        graph.addInitializer(TensorValues.ofFloats(name, values, values.length));
        return name;
    }

    /** Sums of a feature map's channels over pictures. */
    private static final class Statistics {
        private final double[] sums;
        private final double[] squares;
        private long pixels;

        Statistics(int channels) {
            sums = new double[channels];
            squares = new double[channels];
        }

        void add(OnnxTensor tensor) {
            long[] shape = tensor.getInfo().getShape(); // [1, C, h, w]
            FloatBuffer values = tensor.getFloatBuffer();
            int area = Math.toIntExact(shape[2] * shape[3]);
            for (int c = 0; c < sums.length; c++) {
                for (int i = 0; i < area; i++) {
                    double value = values.get(c * area + i);
                    sums[c] += value;
                    squares[c] += value * value;
                }
            }
            pixels += area;
        }

        double[] mean() {
            double[] mean = new double[sums.length];
            for (int c = 0; c < mean.length; c++) {
                mean[c] = sums[c] / pixels;
            }
            return mean;
        }

        double[] variance(double[] mean) {
            double[] variance = new double[sums.length];
            for (int c = 0; c < variance.length; c++) {
                variance[c] = Math.max(0, squares[c] / pixels - mean[c] * mean[c]);
            }
            return variance;
        }
    }
}
