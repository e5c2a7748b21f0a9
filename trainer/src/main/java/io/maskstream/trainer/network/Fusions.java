package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.network.operator.GraphNode;
import io.maskstream.trainer.network.operator.Operation;
import io.maskstream.trainer.network.operator.TensorProtos;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that libtorch computes as one operation, with less to keep for the backward pass.
 *
 * <p>ONNX has no linear layer of more than two axes, and GELU only since operator set 20, so exporters write them out:
 *
 * <ul>
 *   <li>a product with a weight {@code [in, out]}, then a bias {@code [out]} added: a linear layer;
 *   <li>{@code x / 2 * (1 + erf(x / sqrt(2)))} in five nodes, the factors in any order: GELU.
 * </ul>
 *
 * <p>Only the run is changed, never the graph. Nodes become one where nobody else reads the values between them; who wants to see
 * such a value runs the nodes one by one.
 */
final class Fusions {
    private static final double SAME = 1e-6; // relative, between a constant in float32 and what it stands for

    private final GraphProto graph;
    private final Set<String> learned;
    private final Map<String, TensorProto> weights = new HashMap<>();
    private final Map<String, Integer> givers = new HashMap<>();
    private final Map<String, List<Integer>> readers = new HashMap<>();
    private final Set<String> outputs = new HashSet<>();
    private final Map<Integer, Call> made = new HashMap<>(); // by the last of its nodes
    private final Set<Integer> within = new HashSet<>(); // the nodes before the last

    private Fusions(GraphProto graph, Set<String> learned) {
        this.graph = graph;
        this.learned = learned;
        graph.getInitializerList().forEach(weight -> weights.put(weight.getName(), weight));
        graph.getOutputList().forEach(output -> outputs.add(output.getName()));
        for (int i = 0; i < graph.getNodeCount(); i++) {
            int node = i;
            graph.getNode(i).getOutputList().forEach(output -> givers.put(output, node));
            GraphNode.reads(graph.getNode(i)).forEach(input -> readers.computeIfAbsent(input, name -> new ArrayList<>())
                    .add(node));
        }
    }

    /**
     * Returns the calls of a graph with those nodes as one that can be; a call that is made of several stands where the last of them
     * stood.
     *
     * @param calls one for every node
     * @param learned the initializers that learn, which are no constants
     */
    static List<Call> of(GraphProto graph, List<Call> calls, Set<String> learned) {
        Fusions fusions = new Fusions(graph, learned);
        for (int i = 0; i < calls.size(); i++) {
            if (fusions.is(i, "MatMul")) {
                fusions.linear(i, calls.get(i).name());
            } else if (fusions.is(i, "Erf")) {
                fusions.gelu(i, calls.get(i).name());
            }
        }
        List<Call> fused = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            if (!fusions.within.contains(i)) {
                fused.add(fusions.made.getOrDefault(i, calls.get(i)));
            }
        }
        return fused;
    }

    private void linear(int product, String name) {
        TensorProto weight = weights.get(node(product).getInput(1));
        int sum = reader(product, "Add");
        if (weight == null || weight.getDimsCount() != 2 || sum < 0) {
            return;
        }
        TensorProto bias = weights.get(other(sum, given(product)));
        if (bias == null
                || bias.getDimsCount() != 1
                || bias.getDims(0) != weight.getDims(1)
                || bias.getDataType() != weight.getDataType()) {
            return;
        }
        Operation operation = Operation.of(
                in -> torch.linear(in.get(0), in.get(1).t(), in.optional(2))); // libtorch keeps its weight as [out, in]
        List<String> inputs = List.of(node(product).getInput(0), weight.getName(), bias.getName());
        make(name + " with its bias", operation, inputs, sum, product);
    }

    private void gelu(int error, String name) {
        int scaling = giver(node(error).getInput(0));
        int raised = reader(error, "Add");
        String x = scaling < 0 ? null : scaled(scaling, reader(scaling, "Erf"));
        if (x == null || raised < 0 || !isConstant(other(raised, given(error)), 1)) {
            return;
        }
        int factor = reader(raised, "Mul");
        if (factor < 0) {
            return;
        }
        String with = other(factor, given(raised));
        Operation operation = Operation.of(in -> torch.gelu(in.get(0)));
        boolean half = isConstant(with, 0.5);
        int last = reader(factor, "Mul");
        if (half || with.equals(x)) { // (x * raised) / 2 or x * (raised / 2)
            String missing = last < 0 ? "" : other(last, given(factor));
            if (half ? missing.equals(x) : isConstant(missing, 0.5)) {
                make(name + " as GELU", operation, List.of(x), last, scaling, error, raised, factor);
            }
            return;
        }
        int halving = giver(with); // (x / 2) * raised
        if (halving >= 0
                && reader(halving, "Mul") == factor
                && is(halving, "Mul")
                && node(halving).getInputList().contains(x)
                && isConstant(other(halving, x), 0.5)) {
            make(name + " as GELU", operation, List.of(x), factor, scaling, error, raised, halving);
        }
    }

    /** Returns what a node divides by the root of 2, if it does and only that reader sees it. */
    private @Nullable String scaled(int scaling, int reader) {
        if (reader < 0) {
            return null;
        }
        NodeProto node = node(scaling);
        if (is(scaling, "Div")) {
            return isConstant(node.getInput(1), Math.sqrt(2)) ? node.getInput(0) : null;
        }
        if (!is(scaling, "Mul")) {
            return null;
        }
        boolean second = isConstant(node.getInput(1), Math.sqrt(0.5));
        return second || isConstant(node.getInput(0), Math.sqrt(0.5)) ? node.getInput(second ? 0 : 1) : null;
    }

    private void make(String name, Operation operation, List<String> inputs, int last, int... before) {
        made.put(last, new Call(name, operation, inputs, List.of(given(last)), false, false, true));
        for (int node : before) {
            within.add(node);
        }
    }

    private NodeProto node(int index) {
        return graph.getNode(index);
    }

    private boolean is(int index, String operator) {
        return node(index).getOpType().equals(operator)
                && node(index).getDomain().isEmpty();
    }

    private String given(int index) {
        return node(index).getOutput(0);
    }

    private int giver(String value) {
        return givers.getOrDefault(value, -1);
    }

    /** Returns the only reader of what a node gives, or -1 if others see that value too or it is another operator. */
    private int reader(int index, String operator) {
        List<Integer> all = readers.getOrDefault(given(index), List.of());
        boolean alone = all.size() == 1 && !outputs.contains(given(index));
        return alone && is(all.get(0), operator) ? all.get(0) : -1;
    }

    /** Returns the other one of two inputs. */
    private String other(int index, String input) {
        NodeProto node = node(index);
        return node.getInput(node.getInput(0).equals(input) ? 1 : 0);
    }

    /** Says whether a value is a single number that stays as it is. */
    private boolean isConstant(String name, double value) {
        TensorProto tensor = weights.get(name);
        if (tensor == null
                || tensor.getDataType() != TensorProto.DataType.FLOAT_VALUE
                || tensor.getDimsList().stream().anyMatch(side -> side != 1)
                || tensor.getDimsCount() > 1
                || learned.contains(name)) {
            return false;
        }
        try (PointerScope scope = new PointerScope()) {
            return Math.abs(ImageTensors.toFloats(TensorProtos.read(tensor))[0] - value) <= SAME * value;
        }
    }
}
