package io.maskstream.segmentation.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Changes who reads what in a graph; nodes may be added at its end and are brought into order afterwards. */
public final class Rewiring {
    private Rewiring() {}

    /** Returns a node that reads other values, by the names of those that change. */
    public static NodeProto reading(NodeProto node, Map<String, String> instead) {
        NodeProto.Builder changed = node.toBuilder().clearInput();
        node.getInputList().forEach(input -> changed.addInput(instead.getOrDefault(input, input)));
        return changed.build();
    }

    /** Returns a node that gives other values, by the names of those that change. */
    public static NodeProto giving(NodeProto node, Map<String, String> instead) {
        NodeProto.Builder changed = node.toBuilder().clearOutput();
        node.getOutputList().forEach(output -> changed.addOutput(instead.getOrDefault(output, output)));
        return changed.build();
    }

    /** Returns the model with the chosen readers of one value reading another. */
    public static ModelProto reads(ModelProto model, String from, String to, Predicate<NodeProto> readers) {
        GraphProto.Builder graph = model.getGraph().toBuilder();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            if (node.getInputList().contains(from) && readers.test(node)) {
                graph.setNode(i, reading(node, Map.of(from, to)));
            }
        }
        return model.toBuilder().setGraph(graph).build();
    }

    /** Returns the model with another name for a value, wherever it is given and read. */
    public static ModelProto renamed(ModelProto model, String from, String to) {
        ModelProto changed = reads(model, from, to, node -> true);
        GraphProto.Builder graph = changed.getGraph().toBuilder();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            graph.setNode(i, giving(graph.getNode(i), Map.of(from, to)));
        }
        for (TensorProto.Builder weight : graph.getInitializerBuilderList()) {
            if (weight.getName().equals(from)) {
                weight.setName(to);
            }
        }
        for (ValueInfoProto.Builder value : graph.getOutputBuilderList()) {
            if (value.getName().equals(from)) {
                value.setName(to);
            }
        }
        for (ValueInfoProto.Builder value : graph.getInputBuilderList()) {
            if (value.getName().equals(from)) {
                value.setName(to);
            }
        }
        return changed.toBuilder().setGraph(graph).build();
    }

    /** Returns the model with every node behind those that it reads from, the order kept as far as that goes. */
    public static ModelProto inOrder(ModelProto model) {
        GraphProto graph = model.getGraph();
        GraphView view = new GraphView(model);
        LinkedHashSet<Integer> order = new LinkedHashSet<>();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            visit(i, view, order);
        }
        GraphProto.Builder sorted = graph.toBuilder().clearNode();
        order.forEach(i -> sorted.addNode(graph.getNode(i)));
        return model.toBuilder().setGraph(sorted).build();
    }

    /** Depth first with a stack of its own: a deep network would overflow the thread's. */
    private static void visit(int start, GraphView view, Set<Integer> order) {
        Deque<Integer> open = new ArrayDeque<>(List.of(start));
        Set<Integer> opened = new HashSet<>();
        while (!open.isEmpty()) {
            int at = open.getLast();
            List<Integer> before = new ArrayList<>();
            if (!order.contains(at) && opened.add(at)) {
                for (String input : view.node(at).getInputList()) {
                    int giver = view.place(input);
                    if (giver >= 0 && !order.contains(giver)) {
                        before.add(0, giver);
                    }
                }
            }
            if (before.isEmpty()) {
                order.add(open.removeLast());
            } else {
                open.addAll(before);
            }
        }
    }
}
