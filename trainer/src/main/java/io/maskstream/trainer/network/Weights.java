package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.network.operator.TensorProtos;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;

/**
 * What the initializers of a graph are: learned, moved, or constant.
 *
 * <p>ONNX does not say. Learned are the float tensors that a layer (a convolution, a product of matrices, a normalisation, a slope)
 * reads as its weight or bias, directly or through nodes that only give them another shape; and those of more than one value that are
 * added to or multiplied with what a layer gave: biases, gains, position embeddings. Before the first layer such tensors are the
 * picture's normalisation, beside a Shape they are arithmetic of sizes, and of zeros and ones or very low values alone they are masks:
 * all three are constant. So are bounds, scales, and what is subtracted or divided by. Running statistics of batch normalisation move
 * in training but have no gradient.
 *
 * <p>A frozen initializer is constant, and a batch normalisation with anything frozen runs as in use.
 */
final class Weights {
    private static final Map<String, List<Integer>> LAYERS = Map.ofEntries(
            Map.entry("Conv", List.of(1, 2)),
            Map.entry("ConvTranspose", List.of(1, 2)),
            Map.entry("Gemm", List.of(0, 1, 2)),
            Map.entry("MatMul", List.of(0, 1)),
            Map.entry("Einsum", List.of(0, 1)),
            Map.entry("BatchNormalization", List.of(1, 2)),
            Map.entry("InstanceNormalization", List.of(1, 2)),
            Map.entry("GroupNormalization", List.of(1, 2)),
            Map.entry("LayerNormalization", List.of(1, 2)),
            Map.entry("PRelu", List.of(1)));

    /** What mixes channels: the layers that can tell classes apart. */
    private static final Set<String> CLASSIFYING = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum");

    /** Nodes that give a weight another form and leave its values as they are. */
    private static final Set<String> PASSING = Set.of(
            "Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Expand", "Cast", "Gather", "Slice");

    private static final Set<String> SIZES = Set.of("Shape", "Size");
    private static final float NEVER = -100; // added before a softmax, so that a position gets nothing

    private final GraphProto graph;
    private final Map<String, TensorProto> floats = new HashMap<>();
    private final Map<String, String> origin = new HashMap<>(); // value -> the initializer it is a form of
    private final Set<String> layered = new HashSet<>(); // values that come after a layer
    private final Set<String> learned = new LinkedHashSet<>();
    private final Set<String> buffers = new LinkedHashSet<>();
    private final Set<Integer> inUse = new HashSet<>();

    private Weights(GraphProto graph) {
        this.graph = graph;
    }

    /**
     * Looks at every initializer.
     *
     * @param frozen the initializers that nothing changes
     */
    static Weights of(GraphProto graph, Set<String> frozen) {
        Weights weights = new Weights(graph);
        for (TensorProto tensor : graph.getInitializerList()) {
            if (tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE) {
                weights.floats.put(tensor.getName(), tensor);
                weights.origin.put(tensor.getName(), tensor.getName());
            }
        }
        weights.follow();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            weights.take(graph.getNode(i));
        }
        weights.learned.removeAll(weights.buffers);
        weights.freeze(frozen);
        return weights;
    }

    /** Returns the initializers that learn, in the order of their first readers. */
    Set<String> learned() {
        return learned;
    }

    /** Returns the running means and variances that move. */
    Set<String> buffers() {
        return buffers;
    }

    /** Says whether a node behaves as in use even in training. */
    boolean isInUse(int node) {
        return inUse.contains(node);
    }

    /** Returns the learned initializers of the last layers before an output: those that tell classes apart. */
    Set<String> head(List<String> outputs) {
        Map<String, NodeProto> givers = new HashMap<>();
        graph.getNodeList().forEach(node -> node.getOutputList().forEach(output -> givers.put(output, node)));
        Set<String> head = new LinkedHashSet<>();
        Set<NodeProto> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(outputs);
        while (!open.isEmpty()) {
            NodeProto node = givers.get(open.pop());
            if (node == null || SIZES.contains(node.getOpType()) || !seen.add(node)) {
                continue;
            }
            Set<String> own = node.getInputList().stream()
                    .map(input -> origin.getOrDefault(input, ""))
                    .filter(learned::contains)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            head.addAll(own);
            if (own.isEmpty() || !CLASSIFYING.contains(node.getOpType())) {
                open.addAll(node.getInputList());
            }
        }
        return head;
    }

    /** Follows the picture and the forms of weights through the graph. */
    private void follow() {
        Set<String> fromPicture = new HashSet<>();
        GraphView.inputs(graph).forEach(input -> fromPicture.add(input.getName()));
        for (NodeProto node : graph.getNodeList()) {
            if (SIZES.contains(node.getOpType())) {
                continue;
            }
            List<String> inputs = node.getInputList();
            if (inputs.stream().anyMatch(fromPicture::contains)) {
                fromPicture.addAll(node.getOutputList());
                boolean after =
                        LAYERS.containsKey(node.getOpType()) || inputs.stream().anyMatch(layered::contains);
                if (after) {
                    layered.addAll(node.getOutputList());
                }
            } else if (PASSING.contains(node.getOpType()) && origin.containsKey(node.getInput(0))) {
                origin.put(node.getOutput(0), origin.get(node.getInput(0)));
            }
        }
    }

    private void take(NodeProto node) {
        List<Integer> positions = LAYERS.get(node.getOpType());
        if (positions != null && !isInnerNormalisation(node)) {
            for (int i : positions) {
                String name = i < node.getInputCount() ? origin.get(node.getInput(i)) : null;
                if (name != null) {
                    learned.add(name);
                }
            }
        }
        if (node.getOpType().equals("Add") || node.getOpType().equals("Mul")) {
            boolean onFeatures = node.getInputList().stream().anyMatch(layered::contains);
            for (String input : node.getInputList()) {
                TensorProto tensor = floats.get(origin.getOrDefault(input, ""));
                if (onFeatures && tensor != null && count(tensor) > 1 && !isMask(tensor)) {
                    learned.add(tensor.getName());
                }
            }
        }
        if (node.getOpType().equals("BatchNormalization")) {
            for (int i = 3; i <= 4 && i < node.getInputCount(); i++) {
                if (floats.containsKey(node.getInput(i))) {
                    buffers.add(node.getInput(i));
                }
            }
        }
    }

    /**
     * Says whether a node is the middle of a group normalisation as PyTorch writes it: Reshape, InstanceNormalization with ones and
     * zeros, Reshape, then the true scale and shift as Mul and Add.
     */
    private boolean isInnerNormalisation(NodeProto node) {
        if (!node.getOpType().equals("InstanceNormalization")) {
            return false;
        }
        for (NodeProto reader : graph.getNodeList()) {
            if (reader.getOpType().equals("Reshape") && reader.getInput(0).equals(node.getOutput(0))) {
                for (NodeProto next : graph.getNodeList()) {
                    if (next.getOpType().equals("Mul")
                            && next.getInputList().contains(reader.getOutput(0))
                            && next.getInputList().stream().anyMatch(origin::containsKey)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static long count(TensorProto tensor) {
        return tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b);
    }

    private static boolean isMask(TensorProto tensor) {
        float[] values;
        try (PointerScope scope = new PointerScope()) {
            values = ImageTensors.toFloats(TensorProtos.read(tensor));
        }
        Set<Float> distinct = new HashSet<>();
        for (float value : values) {
            distinct.add(value == 0 ? 0f : value);
            if (distinct.size() > 2) {
                return false;
            }
        }
        return distinct.contains(0f)
                && distinct.size() == 2
                && distinct.stream().allMatch(value -> value == 0 || value == 1 || value <= NEVER);
    }

    private void freeze(Set<String> frozen) {
        Set<String> constant = new HashSet<>(frozen);
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            List<String> read = node.getInputList().stream()
                    .map(input -> origin.getOrDefault(input, ""))
                    .toList();
            if (node.getOpType().equals("BatchNormalization") && read.stream().anyMatch(frozen::contains)) {
                inUse.add(i);
                constant.addAll(read);
            }
        }
        learned.removeAll(constant);
        buffers.removeAll(constant);
    }
}
