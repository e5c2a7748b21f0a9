package io.maskstream.segmentation.adoption;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.Rewiring;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.ModelFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the branch that is always taken in the place of an {@code If}.
 *
 * <p>PyTorch's older exporter leaves such nodes where it does not know a shape, around a squeeze for example. What they ask
 * for is the same for every picture, so the other branch is dead. ONNX Runtime tells which is taken, for one picture, for two
 * and for a larger one; a node that then decides otherwise is refused, since it would be no longer the graph that was tried.
 */
final class ChosenBranches {
    private ChosenBranches() {}

    /**
     * Returns the model without {@code If} nodes.
     *
     * @throws ModelFormatException if one does not always take the same branch, naming it
     */
    static ModelProto inline(ModelProto model, Layout layout, AdoptionOptions options, Findings findings)
            throws ModelFormatException {
        ModelProto changed = model;
        while (changed.getGraph().getNodeList().stream().anyMatch(ChosenBranches::isChoice)) {
            changed = inlineOutermost(changed, layout, options, findings); // a branch may hold another choice
        }
        return changed;
    }

    private static boolean isChoice(NodeProto node) {
        return node.getOpType().equals("If") && node.getDomain().isEmpty();
    }

    private static ModelProto inlineOutermost(
            ModelProto model, Layout layout, AdoptionOptions options, Findings findings) throws ModelFormatException {
        Map<String, Boolean> taken = taken(model, layout, options);
        GraphProto.Builder graph = model.getGraph().toBuilder().clearNode();
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (!isChoice(node)) {
                graph.addNode(node);
                continue;
            }
            String branch = taken.getOrDefault(node.getOutput(0), false) ? "then_branch" : "else_branch";
            node.getAttributeList().stream()
                    .filter(attribute -> attribute.getName().equals(branch))
                    .forEach(attribute -> insert(attribute.getG(), node, graph));
            findings.rewriting("the node If '" + node.getName() + "' takes its " + branch
                    + " for every picture tried; that branch stands in its place");
        }
        return model.toBuilder().setGraph(graph).build();
    }

    /** Returns which way the nodes go, by the name of their first output. */
    private static Map<String, Boolean> taken(ModelProto model, Layout layout, AdoptionOptions options)
            throws ModelFormatException {
        GraphBuilder open = GraphBuilder.on(model);
        Map<String, String> conditions = new HashMap<>(); // as a float -> the node's first output
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (isChoice(node)) {
                String real = open.node(
                        "Cast", List.of(node.getInput(0)), Attributes.integer("to", TensorProto.DataType.FLOAT_VALUE));
                conditions.put(real, node.getOutput(0));
            }
        }
        ModelProto shown = open.build();
        Map<String, Boolean> taken = new HashMap<>();
        try (GraphRun trial = GraphRun.of(shown, conditions.keySet())) {
            int[] size = InputRules.size(model, trial, layout, options);
            long[][] shapes = {
                layout.shape(1, 3, size[0], size[1]),
                layout.shape(2, 3, size[0], size[1]),
                layout.shape(1, 3, 2L * size[0], 2L * size[1])
            };
            for (long[] shape : shapes) {
                if (trial.shapes(shape).isEmpty()) {
                    continue; // the graph takes no such picture
                }
                float[] noise = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
                trial.run(noise, shape).forEach((value, answer) -> {
                    String node = conditions.get(value);
                    if (node != null) {
                        taken.merge(node, answer[0] != 0, (before, now) -> differing(node, before, now));
                    }
                });
            }
        } catch (DifferingException e) {
            throw new ModelFormatException(
                    "the node If that gives '" + e.getMessage() + "' takes one branch for some pictures and the other"
                            + " for others; export the network for one batch and picture size",
                    e);
        }
        return taken;
    }

    private static boolean differing(String node, boolean before, boolean now) {
        if (before != now) {
            throw new DifferingException(node);
        }
        return now;
    }

    /** A node that does not always take the same branch. */
    private static final class DifferingException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DifferingException(String node) {
            super(node);
        }
    }

    /** Adds a branch's nodes; what it defines gets names of its own, and its results those of the node. */
    private static void insert(GraphProto branch, NodeProto choice, GraphProto.Builder graph) {
        String prefix = choice.getOutput(0) + "/";
        Map<String, String> names = new HashMap<>();
        branch.getInitializerList().forEach(weight -> names.put(weight.getName(), prefix + weight.getName()));
        branch.getNodeList().stream()
                .flatMap(node -> node.getOutputList().stream())
                .filter(name -> !name.isEmpty())
                .forEach(name -> names.put(name, prefix + name));
        for (TensorProto weight : branch.getInitializerList()) {
            graph.addInitializer(weight.toBuilder().setName(prefix + weight.getName()));
        }
        branch.getNodeList().forEach(node -> graph.addNode(renamed(node, names, prefix)));
        List<ValueInfoProto> results = branch.getOutputList();
        for (int i = 0; i < choice.getOutputCount(); i++) {
            String result = results.get(i).getName();
            graph.addNode(NodeProto.newBuilder()
                    .setOpType("Identity")
                    .setName(prefix + i)
                    .addInput(names.getOrDefault(result, result))
                    .addOutput(choice.getOutput(i)));
        }
    }

    private static NodeProto renamed(NodeProto node, Map<String, String> names, String prefix) {
        NodeProto.Builder changed = Rewiring.giving(Rewiring.reading(node, names), names).toBuilder()
                .setName(prefix + node.getName())
                .clearAttribute();
        node.getAttributeList().forEach(attribute -> changed.addAttribute(renamed(attribute, names)));
        return changed.build();
    }

    /** Graphs inside of a node read the renamed values too, unless they define such a name themselves. */
    private static AttributeProto renamed(AttributeProto attribute, Map<String, String> names) {
        if (!attribute.hasG()) {
            return attribute;
        }
        GraphProto inner = attribute.getG();
        Map<String, String> seen = new HashMap<>(names);
        inner.getInitializerList().forEach(weight -> seen.remove(weight.getName()));
        inner.getInputList().forEach(input -> seen.remove(input.getName()));
        inner.getNodeList().forEach(node -> node.getOutputList().forEach(seen::remove));
        List<NodeProto> nodes = new ArrayList<>();
        inner.getNodeList().forEach(node -> nodes.add(renamed(node, seen, "")));
        GraphProto.Builder graph =
                inner.toBuilder().clearNode().addAllNode(nodes).clearOutput();
        inner.getOutputList()
                .forEach(output -> graph.addOutput(
                        output.toBuilder().setName(seen.getOrDefault(output.getName(), output.getName()))));
        return attribute.toBuilder().setG(graph).build();
    }
}
