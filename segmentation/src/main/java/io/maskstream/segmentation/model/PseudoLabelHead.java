package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.GraphPruning;
import io.maskstream.segmentation.uncertainty.UncertaintyMeasure;
import java.util.List;

/**
 * The tail of a released graph: from class scores to mask, confidence and uncertainty, as ONNX nodes.
 *
 * <p>With it a run gives bytes and a few floats per picture, and the C float planes of the scores never leave the
 * device. Everything comes from one log-sum-exp pass: with {@code z} the logits over the temperature, {@code m} their
 * maximum, {@code e = exp(z - m)} and {@code s} their sum, the largest probability is {@code 1 / s}, the margin is
 * {@code (1 - exp(z2 - m)) / s} and the entropy is {@code ln s - sum(e (z - m)) / s}.
 *
 * <p>Outputs, for N pictures of H x W pixels and C classes:
 *
 * <ul>
 *   <li>{@code mask} uint8 {@code [N, H, W]}: the likeliest class; of equals the lowest index.
 *   <li>{@code confidence} uint8 {@code [N, H, W]}: {@code round(255 p1)}, half to even.
 *   <li>{@code scores} float32 {@code [N, 5]}: the measures {@link #SCORES} in this order, each in [0, 1], large =
 *       uncertain.
 *   <li>{@code regions} uint8 {@code [N, rows, columns]}: {@code round(255 u)} of square cells, {@code u} the mean
 *       normalised entropy of the cell's pixels; cells at the lower and right edge may be cut.
 *   <li>{@code class_pixels} int32 {@code [N, C]}: pixels of each class.
 *   <li>{@code class_confidence} int32 {@code [N, C, 50]}: those pixels by {@code p1}, in equal bins over [0, 1].
 * </ul>
 *
 * <p>The measures, with {@code u} a pixel's entropy over {@code ln C}: {@code entropy} is the mean of u; {@code margin}
 * the mean of {@code 1 - (p1 - p2)}; {@code confidence} the mean of {@code 1 - p1}; {@code regions} the mean of the
 * twentieth part, rounded up, of the cells with the largest u; {@code boundary} the mean of u over pixels whose 3 x 3
 * neighbourhood holds more than one class, 0 if there is none.
 */
public final class PseudoLabelHead {
    /** The measures, in the order of the output {@code scores}. */
    public static final List<String> SCORES = UncertaintyMeasure.wireNames();

    /** Equal bins of the confidence histograms. */
    public static final int BINS = 50;

    /** The name of the class scores of a trainable graph. */
    public static final String LOGITS = "logits";

    /** The names of what a deployed graph gives. */
    public static final List<String> OUTPUTS =
            List.of("mask", "confidence", "scores", "regions", "class_pixels", "class_confidence");

    private static final String PREFIX = "head/";
    private static final int SMALL_SIDE = 256;

    private PseudoLabelHead() {}

    /** Says whether a graph has the head already. */
    public static boolean isAttached(ModelProto model) {
        List<String> outputs = model.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .toList();
        return outputs.containsAll(OUTPUTS);
    }

    /** Returns the side of a region's cell for pictures that are run at this size, in pixels. */
    public static int cell(int height, int width) {
        return Math.min(height, width) < SMALL_SIDE ? 16 : 32;
    }

    /**
     * Returns the deployed graph: what does not lead to the logits is cut away and the head is added.
     *
     * @throws ModelFormatException if the graph has no output {@code logits}, has a value with the name of an output of
     *     the head, or has no metadata
     */
    public static ModelProto attach(ModelProto trainable) throws ModelFormatException {
        ModelMetadata metadata = ModelMetadata.read(trainable);
        if (isAttached(trainable)) {
            throw new ModelFormatException("the model has the pseudo-label head already");
        }
        ValueInfoProto logits = requireLogits(trainable);
        requireClasses(logits, metadata);
        ModelProto pruned = OpsetUpgrade.upgrade(GraphPruning.keep(trainable, List.of(LOGITS)))
                .model(); // adding under reductions came with 16;
        for (NodeProto node : pruned.getGraph().getNodeList()) {
            for (String output : node.getOutputList()) {
                if (OUTPUTS.contains(output)) {
                    throw new ModelFormatException("the model has an inner value '" + output
                            + "', which is the name of an output of the pseudo-label head; rename it");
                }
            }
        }
        GraphBuilder graph = GraphBuilder.on(pruned).within(PREFIX).clearOutputs();
        new Tail(graph, metadata).write();
        ModelProto.Builder deployed = graph.build().toBuilder();
        deployed.getGraphBuilder().addValueInfo(logits); // so that the trainable graph comes back as it was
        return deployed.build();
    }

    /**
     * Returns the trainable graph of a deployed one, with the output {@code logits}; a trainable graph comes back as it
     * is.
     *
     * @throws ModelFormatException if the graph has no value {@code logits}
     */
    public static ModelProto detach(ModelProto deployed) throws ModelFormatException {
        if (!isAttached(deployed)) {
            requireLogits(deployed);
            return deployed;
        }
        ValueInfoProto logits = deployed.getGraph().getValueInfoList().stream()
                .filter(value -> value.getName().equals(LOGITS))
                .findFirst()
                .orElseThrow(() -> new ModelFormatException("the deployed model does not describe its value '" + LOGITS
                        + "'; its head is not of this version"));
        requireClasses(logits, ModelMetadata.read(deployed));
        ModelProto.Builder open = deployed.toBuilder();
        open.getGraphBuilder().clearOutput().addOutput(logits);
        return GraphPruning.keep(open.build(), List.of(LOGITS));
    }

    private static ValueInfoProto requireLogits(ModelProto model) throws ModelFormatException {
        for (ValueInfoProto output : model.getGraph().getOutputList()) {
            if (output.getName().equals(LOGITS)) {
                return output;
            }
        }
        List<String> outputs = model.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .toList();
        throw new ModelFormatException(
                "the model gives " + outputs + "; expected an output '" + LOGITS + "' [N, C, H, W]");
    }

    private static void requireClasses(ValueInfoProto logits, ModelMetadata metadata) throws ModelFormatException {
        TensorShapeProto shape = logits.getType().getTensorType().getShape();
        long scores = shape.getDimCount() == 4 ? shape.getDim(1).getDimValue() : 0; // 0 where the file does not say
        if (scores != 0 && scores != metadata.classes().size()) {
            throw new ModelFormatException("the model gives " + scores + " scores a pixel, its metadata names "
                    + metadata.classes().size() + " classes");
        }
    }

    /** Writes the nodes of the head. */
    private static final class Tail {
        private final GraphBuilder graph;
        private final ModelMetadata metadata;
        private final int classes;

        Tail(GraphBuilder graph, ModelMetadata metadata) {
            this.graph = graph;
            this.metadata = metadata;
            this.classes = metadata.classes().size();
        }

        void write() {
            String scores = LOGITS;
            if (metadata.temperature() != 1) {
                String temperature = graph.weight(PREFIX + "temperature", new float[] {(float) metadata.temperature()});
                scores = graph.node("Div", List.of(LOGITS, temperature)); // [N, C, H, W]
            }
            String best = graph.node(
                    "ArgMax", List.of(scores), Attributes.integer("axis", 1), Attributes.integer("keepdims", 1));
            String largest = graph.reduce("ReduceMax", scores, true, 1); // [N, 1, H, W]
            String shifted = graph.node("Sub", List.of(scores, largest)); // [N, C, H, W]
            String powers = graph.node("Exp", List.of(shifted));
            String sum = graph.reduce("ReduceSum", powers, true, 1); // [N, 1, H, W]
            String first = graph.node("Reciprocal", List.of(sum));
            String entropy = entropy(shifted, powers, sum);
            String label =
                    graph.node("Cast", List.of(best), Attributes.integer("to", TensorProto.DataType.FLOAT_VALUE));

            bytes("mask", label);
            bytes("confidence", graph.node("Round", List.of(graph.node("Mul", List.of(first, graph.scalar(255))))));
            String cells = cells(entropy);
            bytes("regions", graph.node("Round", List.of(graph.node("Mul", List.of(cells, graph.scalar(255))))));
            String all = graph.node(
                    "Concat",
                    List.of(
                            mean(entropy),
                            one(mean(margin(shifted, best, sum, first))),
                            one(mean(first)),
                            worst(cells),
                            boundary(label, entropy)),
                    Attributes.integer("axis", 1));
            graph.named("scores", "Clip", List.of(all, graph.scalar(0), graph.scalar(1)));
            figures(label, first);
            outputs();
        }

        private void outputs() {
            int bytes = TensorProto.DataType.UINT8_VALUE;
            int integers = TensorProto.DataType.INT32_VALUE;
            graph.output("mask", bytes, "N", "H", "W");
            graph.output("confidence", bytes, "N", "H", "W");
            graph.output("scores", TensorProto.DataType.FLOAT_VALUE, "N", Integer.toString(SCORES.size()));
            graph.output("regions", bytes, "N", "rows", "columns");
            graph.output("class_pixels", integers, "N", Integer.toString(classes));
            graph.output("class_confidence", integers, "N", Integer.toString(classes), Integer.toString(BINS));
        }

        private String entropy(String shifted, String powers, String sum) {
            String weighted = graph.reduce("ReduceSum", graph.node("Mul", List.of(powers, shifted)), true, 1);
            String nats = graph.node(
                    "Sub", List.of(graph.node("Log", List.of(sum)), graph.node("Div", List.of(weighted, sum))));
            String share = graph.node("Mul", List.of(nats, graph.scalar(1 / Math.log(classes))));
            return graph.node("Clip", List.of(share, graph.scalar(0), graph.scalar(1))); // [N, 1, H, W]
        }

        /** The largest score is overwritten before the second is sought, so that a tie has the margin 0. */
        private String margin(String shifted, String best, String sum, String first) {
            String low =
                    graph.node("Sub", List.of(graph.node("Mul", List.of(sum, graph.scalar(0))), graph.scalar(1e4)));
            String without = graph.node("ScatterElements", List.of(shifted, best, low), Attributes.integer("axis", 1));
            String second = graph.reduce("ReduceMax", without, true, 1); // [N, 1, H, W]
            String probability = graph.node("Mul", List.of(graph.node("Exp", List.of(second)), first));
            return graph.node("Sub", List.of(first, probability));
        }

        private String cells(String entropy) {
            long side = cell(metadata.input().height(), metadata.input().width());
            return graph.node(
                    "AveragePool",
                    List.of(entropy),
                    Attributes.ints("kernel_shape", side, side),
                    Attributes.ints("strides", side, side),
                    Attributes.integer("ceil_mode", 1)); // [N, 1, rows, columns]
        }

        private String worst(String cells) {
            String flat = graph.node("Flatten", List.of(cells), Attributes.integer("axis", 1)); // [N, cells]
            String shape = graph.node("Shape", List.of(flat));
            String count = graph.node("Gather", List.of(shape, graph.integers(1)), Attributes.integer("axis", 0));
            String upper = graph.node("Add", List.of(count, graph.integers(19)));
            String k = graph.node("Div", List.of(upper, graph.integers(20)));
            String values = graph.unique("worst");
            graph.nodes(
                    "TopK", List.of(flat, k), List.of(values, graph.unique("worst_at")), Attributes.integer("axis", 1));
            return graph.reduce("ReduceMean", values, true, 1); // [N, 1]
        }

        private String boundary(String label, String entropy) {
            String widest = pool(label);
            String narrowest = pool(graph.node("Neg", List.of(label))); // minus the smallest index around
            String edge = graph.node("Sign", List.of(graph.node("Add", List.of(widest, narrowest)))); // [N, 1, H, W]
            String over = graph.reduce("ReduceSum", graph.node("Mul", List.of(edge, entropy)), true, 1, 2, 3);
            String pixels = graph.node("Max", List.of(graph.reduce("ReduceSum", edge, true, 1, 2, 3), graph.scalar(1)));
            return graph.node(
                    "Flatten", List.of(graph.node("Div", List.of(over, pixels))), Attributes.integer("axis", 1));
        }

        private String pool(String value) {
            return graph.node(
                    "MaxPool",
                    List.of(value),
                    Attributes.ints("kernel_shape", 3, 3),
                    Attributes.ints("pads", 1, 1, 1, 1));
        }

        /** Counts by class and bin: each pixel adds one to the cell of its class and bin. */
        private void figures(String label, String first) {
            String bin = graph.node(
                    "Min",
                    List.of(
                            graph.node("Floor", List.of(graph.node("Mul", List.of(first, graph.scalar(BINS))))),
                            graph.scalar(BINS - 1)));
            String key = graph.node("Add", List.of(graph.node("Mul", List.of(label, graph.scalar(BINS))), bin));
            String flat = graph.node("Flatten", List.of(key), Attributes.integer("axis", 1)); // [N, H * W]
            String at = graph.node("Cast", List.of(flat), Attributes.integer("to", TensorProto.DataType.INT64_VALUE));
            String shape = graph.node("Shape", List.of(flat));
            String batch = graph.node("Gather", List.of(shape, graph.integers(0)), Attributes.integer("axis", 0));
            String size = graph.node(
                    "Concat", List.of(batch, graph.integers((long) classes * BINS)), Attributes.integer("axis", 0));
            String empty = graph.node("Expand", List.of(graph.scalar(0), size)); // [N, C * BINS]
            String ones = graph.node("Expand", List.of(graph.scalar(1), shape)); // [N, H * W]
            String counts = graph.node(
                    "ScatterElements",
                    List.of(empty, at, ones),
                    Attributes.integer("axis", 1),
                    Attributes.text("reduction", "add"));
            String byClass = graph.node("Reshape", List.of(counts, graph.integers(0, classes, BINS))); // [N, C, BINS]
            integers("class_confidence", byClass);
            integers("class_pixels", graph.reduce("ReduceSum", byClass, false, 2)); // [N, C]
        }

        private void integers(String name, String value) {
            graph.named(name, "Cast", List.of(value), Attributes.integer("to", TensorProto.DataType.INT32_VALUE));
        }

        /** Makes an output of bytes from {@code [N, 1, h, w]} whole numbers. */
        private void bytes(String name, String value) {
            String cast =
                    graph.node("Cast", List.of(value), Attributes.integer("to", TensorProto.DataType.UINT8_VALUE));
            graph.named(name, "Squeeze", List.of(cast, graph.integers(1)));
        }

        private String mean(String value) {
            return graph.node(
                    "Flatten",
                    List.of(graph.reduce("ReduceMean", value, true, 1, 2, 3)),
                    Attributes.integer("axis", 1));
        }

        private String one(String value) {
            return graph.node("Sub", List.of(graph.scalar(1), value));
        }
    }
}
