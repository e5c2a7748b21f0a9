package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.GraphView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes a graph of operator set 11 to 16 in the words of 17, without changing what it computes.
 *
 * <p>Three kinds of changes came in between, by the ONNX operator changelog. With 13, axes of Squeeze, Unsqueeze and
 * ReduceSum and the parts of Split became inputs, and with 12 the ratio of Dropout. With 13, the Softmax family works
 * along one axis, where it worked on the picture flattened to two axes before. With 14, BatchNormalization gives its
 * statistics only where it is told to train. Graphs of 17 and newer come back as they are.
 */
public final class OpsetUpgrade {
    /** The operator set that graphs are brought to. */
    public static final int TARGET = 17;

    private static final int IR_VERSION = 8;
    private static final Set<String> AXES_BECAME_INPUTS = Set.of("Squeeze", "Unsqueeze", "ReduceSum");
    private static final Set<String> SOFTMAX_FAMILY = Set.of("Softmax", "LogSoftmax", "Hardmax");

    private final int from;
    private final GraphBuilder graph;
    private final Set<String> empty = new HashSet<>();
    private final Set<String> read = new HashSet<>();
    private final Map<String, Integer> rewritten = new TreeMap<>();

    /**
     * An upgraded model.
     *
     * @param rewritten how many nodes of each operator were written anew; empty if only the number changed
     */
    public record Upgraded(ModelProto model, Map<String, Integer> rewritten) {}

    private OpsetUpgrade(ModelProto model) {
        this.from = GraphView.opset(model);
        GraphProto old = model.getGraph();
        for (TensorProto weight : old.getInitializerList()) {
            if (weight.getDimsList().contains(0L)) {
                empty.add(weight.getName());
            }
        }
        for (NodeProto node : old.getNodeList()) {
            read.addAll(node.getInputList());
            if (node.getOpType().equals("Constant")
                    && node.getAttributeCount() == 1
                    && node.getAttribute(0).getT().getDimsList().contains(0L)) {
                empty.add(node.getOutput(0));
            }
        }
        old.getOutputList().forEach(output -> read.add(output.getName()));
        this.graph = GraphBuilder.on(model).within("opset/").clearNodes();
        old.getNodeList().forEach(this::write);
    }

    /**
     * Upgrades a model.
     *
     * @throws ModelFormatException if a node has no equal in the newer set, naming it
     */
    public static Upgraded upgrade(ModelProto model) throws ModelFormatException {
        if (GraphView.opset(model) >= TARGET) {
            return new Upgraded(model, Map.of());
        }
        OpsetUpgrade upgrade;
        try {
            upgrade = new OpsetUpgrade(model);
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(String.valueOf(e.getMessage()), e);
        }
        ModelProto.Builder builder = upgrade.graph.build().toBuilder();
        builder.getOpsetImportBuilderList().forEach(set -> {
            if (set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx")) {
                set.setVersion(TARGET);
            }
        });
        builder.setIrVersion(Math.max(IR_VERSION, model.getIrVersion()));
        return new Upgraded(builder.build(), upgrade.rewritten);
    }

    private void write(NodeProto node) {
        String operator = node.getOpType();
        Map<String, AttributeProto> attributes = new HashMap<>();
        node.getAttributeList().forEach(attribute -> attributes.put(attribute.getName(), attribute));
        if (from < 13 && AXES_BECAME_INPUTS.contains(operator) && attributes.containsKey("axes")) {
            graph.add(withInput(node, 1, attributes.get("axes"), "axes"));
        } else if (from < 13 && operator.equals("Split") && attributes.containsKey("split")) {
            graph.add(withInput(node, 1, attributes.get("split"), "split"));
        } else if (from < 13 && SOFTMAX_FAMILY.contains(operator)) {
            softmax(node, attributes);
        } else if (from < 12 && operator.equals("Dropout") && attributes.containsKey("ratio")) {
            String ratio = graph.scalar(attributes.get("ratio").getF());
            graph.add(rewritten(node, "ratio").addInput(ratio).build());
        } else if (from < 13 && operator.equals("Resize")) {
            resize(node, attributes);
        } else if (from < 14 && operator.equals("BatchNormalization") && node.getOutputCount() > 1) {
            batchNormalisation(node);
        } else {
            graph.add(node);
        }
    }

    private NodeProto withInput(NodeProto node, int position, AttributeProto values, String name) {
        NodeProto.Builder changed = rewritten(node, name);
        while (changed.getInputCount() < position) {
            changed.addInput("");
        }
        long[] integers =
                values.getIntsList().stream().mapToLong(Long::longValue).toArray();
        return changed.addInput(graph.integers(integers)).build();
    }

    /** Along the last axis old and new agree; else the picture is flattened to two axes and brought back. */
    private void softmax(NodeProto node, Map<String, AttributeProto> attributes) {
        AttributeProto given = attributes.get("axis");
        long axis = given == null ? 1 : given.getI();
        if (axis == -1) {
            graph.add(node);
            return;
        }
        String value = node.getInput(0);
        String shape = graph.node("Shape", List.of(value));
        String flat = graph.node("Flatten", List.of(value), Attributes.integer("axis", axis));
        NodeProto.Builder along = rewritten(node, "axis");
        String result = graph.unique("flat");
        graph.add(along.setInput(0, flat)
                .setOutput(0, result)
                .addAttribute(Attributes.integer("axis", -1))
                .build());
        graph.named(node.getOutput(0), "Reshape", List.of(result, shape));
    }

    private void resize(NodeProto node, Map<String, AttributeProto> attributes) {
        AttributeProto mode = attributes.get("coordinate_transformation_mode");
        if (mode != null && mode.getS().toStringUtf8().equals("tf_half_pixel_for_nn")) {
            throw new IllegalArgumentException("node Resize '" + node.getName()
                    + "' takes coordinates by tf_half_pixel_for_nn, which no newer operator set has;"
                    + " export with operator set 13 or newer");
        }
        NodeProto.Builder changed = node.toBuilder();
        boolean any = false;
        for (int i = 1; i < node.getInputCount(); i++) {
            if (empty.contains(node.getInput(i))) {
                changed.setInput(i, ""); // the way to say "not given" since 13
                any = true;
            }
        }
        if (any) {
            rewritten.merge("Resize", 1, Integer::sum);
        }
        graph.add(changed.build());
    }

    private void batchNormalisation(NodeProto node) {
        for (int i = 1; i < node.getOutputCount(); i++) {
            if (read.contains(node.getOutput(i))) {
                throw new IllegalArgumentException("node BatchNormalization '" + node.getName()
                        + "' gives its statistics to other nodes, so it is exported as in training;"
                        + " export the model in inference mode");
            }
        }
        rewritten.merge("BatchNormalization", 1, Integer::sum);
        graph.add(node.toBuilder().clearOutput().addOutput(node.getOutput(0)).build());
    }

    private NodeProto.Builder rewritten(NodeProto node, String without) {
        rewritten.merge(node.getOpType(), 1, Integer::sum);
        List<AttributeProto> kept = new ArrayList<>(node.getAttributeList());
        kept.removeIf(attribute -> attribute.getName().equals(without));
        return node.toBuilder().clearAttribute().addAllAttribute(kept);
    }
}
