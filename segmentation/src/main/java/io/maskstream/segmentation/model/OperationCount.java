package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.GraphView;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How large a network is and what one picture costs it, read from its graph.
 *
 * <p>Shapes are followed from the picture to the logits, node by node, for the operators that the starting models are made
 * of. Counted are the multiply-accumulates of convolutions and of products of matrices, as is the custom; all else is little
 * beside them.
 *
 * @param parameters values that can learn: all floats but the running statistics of batch normalisation and single numbers
 * @param multiplyAccumulates of one picture of the size asked for
 */
public record OperationCount(long parameters, long multiplyAccumulates) {

    /**
     * Counts.
     *
     * @throws IllegalArgumentException if the graph has an operator whose shape is not known here, naming the node
     */
    public static OperationCount of(ModelProto model, int height, int width) {
        GraphProto graph = model.getGraph();
        Shapes shapes = new Shapes();
        graph.getInitializerList().forEach(shapes::weight);
        shapes.put(GraphView.inputs(graph).get(0).getName(), 1, 3, height, width);
        long operations = 0;
        for (NodeProto node : graph.getNodeList()) {
            operations += shapes.follow(node);
        }
        return new OperationCount(parameters(graph), operations);
    }

    private static long parameters(GraphProto graph) {
        Set<String> statistics = new HashSet<>();
        graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("BatchNormalization"))
                .forEach(node -> statistics.addAll(node.getInputList().subList(3, 5)));
        return graph.getInitializerList().stream()
                .filter(weight -> weight.getDataType() == TensorProto.DataType.FLOAT_VALUE
                        && weight.getDimsCount() > 0
                        && !statistics.contains(weight.getName()))
                .mapToLong(weight -> product(Shapes.dimensions(weight)))
                .sum();
    }

    private static long product(long... sides) {
        return Arrays.stream(sides).reduce(1, Math::multiplyExact);
    }

    /** The shapes of the values so far, and the integers that are known. */
    private static final class Shapes {
        private final Map<String, long[]> shapes = new HashMap<>();
        private final Map<String, long[]> integers = new HashMap<>();

        void put(String name, long... shape) {
            shapes.put(name, shape);
        }

        void weight(TensorProto weight) {
            shapes.put(weight.getName(), dimensions(weight));
            if (weight.getDataType() == TensorProto.DataType.INT64_VALUE) {
                LongBuffer buffer = weight.getRawData()
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asLongBuffer();
                long[] values = new long[buffer.remaining()];
                buffer.get(values);
                boolean raw = values.length > 0;
                integers.put(
                        weight.getName(),
                        raw
                                ? values
                                : weight.getInt64DataList().stream()
                                        .mapToLong(Long::longValue)
                                        .toArray());
            }
        }

        static long[] dimensions(TensorProto weight) {
            return weight.getDimsList().stream().mapToLong(Long::longValue).toArray();
        }

        /** Finds the shape that a node gives and returns its multiply-accumulates. */
        long follow(NodeProto node) {
            String output = node.getOutput(0);
            switch (node.getOpType()) {
                case "Conv" -> {
                    long[] weight = shape(node, 1); // [M, C / groups, rows, columns]
                    long[] given = windowed(node, weight[0], weight[2], weight[3]);
                    shapes.put(output, given);
                    return product(given) * product(weight[1], weight[2], weight[3]);
                }
                case "MatMul" -> {
                    long[] left = shape(node, 0);
                    long[] given = matrices(left, shape(node, 1));
                    shapes.put(output, given);
                    return product(given) * left[left.length - 1];
                }
                case "MaxPool", "AveragePool" -> {
                    long[] kernel = ints(node, "kernel_shape", 1, 1);
                    shapes.put(output, windowed(node, shape(node, 0)[1], kernel[0], kernel[1]));
                }
                case "GlobalAveragePool" -> put(output, shape(node, 0)[0], shape(node, 0)[1], 1, 1);
                case "Relu", "Clip", "Identity", "BatchNormalization", "LayerNormalization", "Softmax", "Erf" ->
                    shapes.put(output, shape(node, 0));
                case "Add", "Sub", "Mul", "Div" -> shapes.put(output, broadcast(shape(node, 0), shape(node, 1)));
                case "Shape" -> known(output, shape(node, 0));
                case "Slice" ->
                    known(
                            output,
                            Arrays.copyOfRange(
                                    integers(node, 0),
                                    Math.toIntExact(integers(node, 1)[0]),
                                    Math.toIntExact(integers(node, 2)[0])));
                case "Concat" -> concatenate(node, output);
                case "Resize" -> shapes.put(output, integers(node, 3));
                case "Reshape" -> shapes.put(output, reshaped(shape(node, 0), integers(node, 1)));
                case "Transpose" -> {
                    long[] from = shape(node, 0);
                    shapes.put(
                            output,
                            Arrays.stream(ints(node, "perm"))
                                    .map(axis -> from[(int) axis])
                                    .toArray());
                }
                default -> throw refused(node, "the shape that it gives is not known");
            }
            return 0;
        }

        private void known(String output, long[] values) {
            integers.put(output, values);
            put(output, values.length);
        }

        private void concatenate(NodeProto node, String output) {
            if (integers.containsKey(node.getInput(0))) {
                long[] all = node.getInputList().stream()
                        .map(name -> found(integers, node, name))
                        .flatMapToLong(Arrays::stream)
                        .toArray();
                known(output, all);
                return;
            }
            int axis = (int) attribute(node, "axis").getI();
            long[] joined = shape(node, 0).clone();
            joined[axis] = 0;
            for (String name : node.getInputList()) {
                joined[axis] += found(shapes, node, name)[axis];
            }
            shapes.put(output, joined);
        }

        private long[] windowed(NodeProto node, long channels, long... kernel) {
            long[] in = shape(node, 0);
            long[] strides = ints(node, "strides", 1, 1);
            long[] dilations = ints(node, "dilations", 1, 1);
            long[] pads = ints(node, "pads", 0, 0, 0, 0);
            long[] out = {in[0], channels, 0, 0};
            for (int d = 0; d < 2; d++) {
                long covered = dilations[d] * (kernel[d] - 1) + 1;
                out[d + 2] = (in[d + 2] + pads[d] + pads[d + 2] - covered) / strides[d] + 1;
            }
            return out;
        }

        private static long[] matrices(long[] left, long[] right) {
            long[] outer = broadcast(Arrays.copyOf(left, left.length - 2), Arrays.copyOf(right, right.length - 2));
            long[] given = Arrays.copyOf(outer, outer.length + 2);
            given[outer.length] = left[left.length - 2];
            given[outer.length + 1] = right[right.length - 1];
            return given;
        }

        private static long[] broadcast(long[] one, long[] other) {
            long[] shape = new long[Math.max(one.length, other.length)];
            for (int d = 1; d <= shape.length; d++) {
                long a = d <= one.length ? one[one.length - d] : 1;
                long b = d <= other.length ? other[other.length - d] : 1;
                shape[shape.length - d] = a == 1 ? b : a;
            }
            return shape;
        }

        private static long[] reshaped(long[] from, long[] wanted) {
            long[] shape = wanted.clone();
            int free = -1;
            long rest = product(from);
            for (int d = 0; d < shape.length; d++) {
                shape[d] = shape[d] == 0 ? from[d] : shape[d];
                if (shape[d] == -1) {
                    free = d;
                } else {
                    rest /= shape[d];
                }
            }
            if (free >= 0) {
                shape[free] = rest;
            }
            return shape;
        }

        private long[] shape(NodeProto node, int input) {
            return found(shapes, node, node.getInput(input));
        }

        private long[] integers(NodeProto node, int input) {
            return found(integers, node, node.getInput(input));
        }

        private static long[] found(Map<String, long[]> known, NodeProto node, String name) {
            long[] value = known.get(name);
            if (value == null) {
                throw refused(node, "nothing is known of its input '" + name + "'");
            }
            return value;
        }

        private static long[] ints(NodeProto node, String name, long... otherwise) {
            AttributeProto attribute = attributeOrNull(node, name);
            if (attribute == null && otherwise.length == 0) {
                throw refused(node, "it lacks the attribute " + name);
            }
            return attribute == null
                    ? otherwise
                    : attribute.getIntsList().stream()
                            .mapToLong(Long::longValue)
                            .toArray();
        }

        private static AttributeProto attribute(NodeProto node, String name) {
            AttributeProto attribute = attributeOrNull(node, name);
            if (attribute == null) {
                throw refused(node, "it lacks the attribute " + name);
            }
            return attribute;
        }

        private static @Nullable AttributeProto attributeOrNull(NodeProto node, String name) {
            List<AttributeProto> all = node.getAttributeList();
            return all.stream()
                    .filter(attribute -> attribute.getName().equals(name))
                    .findFirst()
                    .orElse(null);
        }

        private static IllegalArgumentException refused(NodeProto node, String why) {
            return new IllegalArgumentException("the operations of node " + node.getOpType() + " '" + node.getName()
                    + "' cannot be counted: " + why);
        }
    }
}
