package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which node gives a value, which nodes read it, and what lies before and after it. Nodes go by their index. */
final class GraphLinks {
    private static final Set<String> SIZES = Set.of("Shape", "Size");

    private final GraphProto graph;
    private final Map<String, Integer> givers = new HashMap<>();
    private final Map<String, List<Integer>> readers = new HashMap<>();

    GraphLinks(GraphProto graph) {
        this.graph = graph;
        for (int i = 0; i < graph.getNodeCount(); i++) {
            for (String output : graph.getNode(i).getOutputList()) {
                givers.put(output, i);
            }
            for (String input : Set.copyOf(graph.getNode(i).getInputList())) {
                readers.computeIfAbsent(input, name -> new ArrayList<>()).add(i);
            }
        }
    }

    NodeProto node(int index) {
        return graph.getNode(index);
    }

    int count() {
        return graph.getNodeCount();
    }

    /** Says whether a node gives the value; weights and the picture are given by none. */
    boolean isGiven(String value) {
        return givers.containsKey(value);
    }

    /** Returns the node that gives a value, -1 for none. */
    int giver(String value) {
        return givers.getOrDefault(value, -1);
    }

    /** Returns the nodes that read a value, in order. */
    List<Integer> readers(String value) {
        return readers.getOrDefault(value, List.of());
    }

    /** Returns the nodes that a value needs. */
    Set<Integer> before(String value) {
        Set<String> needed = new HashSet<>(Set.of(value));
        Set<Integer> before = new HashSet<>();
        for (int i = count() - 1; i >= 0; i--) { // nodes come in topological order
            if (node(i).getOutputList().stream().anyMatch(needed::contains)) {
                before.add(i);
                needed.addAll(node(i).getInputList());
            }
        }
        return before;
    }

    /** Returns the nodes that a value's content reaches; its size alone counts for nothing. */
    Set<Integer> after(String value) {
        Set<String> reached = new HashSet<>(Set.of(value));
        Set<Integer> after = new HashSet<>();
        for (int i = 0; i < count(); i++) {
            if (!SIZES.contains(node(i).getOpType())
                    && node(i).getInputList().stream().anyMatch(reached::contains)) {
                after.add(i);
                reached.addAll(node(i).getOutputList());
            }
        }
        return after;
    }

    /** Returns the nodes that depend on the picture in no way. */
    Set<Integer> constant() {
        Set<String> moving = new HashSet<>();
        for (ValueInfoProto input : ModelFile.inputs(graph)) {
            moving.add(input.getName());
        }
        Set<Integer> constant = new HashSet<>();
        for (int i = 0; i < count(); i++) {
            if (node(i).getInputList().stream().anyMatch(moving::contains)) {
                moving.addAll(node(i).getOutputList());
            } else {
                constant.add(i);
            }
        }
        return constant;
    }
}
