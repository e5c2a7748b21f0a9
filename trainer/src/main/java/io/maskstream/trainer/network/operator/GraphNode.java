package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node of the graph, with its attributes by name and type. */
public final class GraphNode {
    private final NodeProto node;
    private final int opset;
    private final Map<String, AttributeProto> attributes = new HashMap<>();

    public GraphNode(NodeProto node, int opset) {
        this.node = node;
        this.opset = opset;
        node.getAttributeList().forEach(attribute -> attributes.put(attribute.getName(), attribute));
    }

    /** Returns the operator's name. */
    public String operator() {
        return node.getOpType();
    }

    /** Returns operator and name for messages. */
    public String description() {
        String name = node.getName().isEmpty() ? "giving '" + firstOutput() + "'" : "'" + node.getName() + "'";
        return operator() + " " + name;
    }

    /** Returns the version of the operator set. */
    public int opset() {
        return opset;
    }

    /** Returns the number of outputs. */
    public int outputs() {
        return node.getOutputCount();
    }

    /** Says whether an attribute is there. */
    public boolean has(String name) {
        return attributes.containsKey(name);
    }

    /** Returns an integer. */
    public long integer(String name, long otherwise) {
        AttributeProto attribute = attributes.get(name);
        return attribute == null ? otherwise : attribute.getI();
    }

    /** Returns a yes or no. */
    public boolean flag(String name, boolean otherwise) {
        return integer(name, otherwise ? 1 : 0) != 0;
    }

    /** Returns a number. */
    public double number(String name, double otherwise) {
        AttributeProto attribute = attributes.get(name);
        return attribute == null ? otherwise : attribute.getF();
    }

    /** Returns a text. */
    public String text(String name, String otherwise) {
        AttributeProto attribute = attributes.get(name);
        return attribute == null ? otherwise : attribute.getS().toStringUtf8();
    }

    /** Returns a list of integers, or null if there is none. */
    public long @Nullable [] integersOrNull(String name) {
        AttributeProto attribute = attributes.get(name);
        return attribute == null
                ? null
                : attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
    }

    /** Returns a tensor, or null if there is none. */
    public @Nullable TensorProto tensorOrNull(String name) {
        AttributeProto attribute = attributes.get(name);
        return attribute == null ? null : attribute.getT();
    }

    /** Returns what to throw where the node asks for something that is not supported. */
    public UnsupportedOperatorException unsupported(String what) {
        return new UnsupportedOperatorException("node " + description() + " has " + what + ", which is not supported");
    }

    private String firstOutput() {
        return node.getOutputCount() == 0 ? "nothing" : node.getOutput(0);
    }
}
