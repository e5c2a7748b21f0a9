package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A node of the graph, with its attributes by name and type.
 *
 * <p>It keeps which attributes were asked for: one that nobody reads would change nothing, and so is refused. What has no
 * bearing on the values is named by {@link #ignore}.
 */
public final class GraphNode {
    private final NodeProto node;
    private final int opset;
    private final Map<String, AttributeProto> attributes = new HashMap<>();
    private final Set<String> unread = new TreeSet<>();

    public GraphNode(NodeProto node, int opset) {
        this.node = node;
        this.opset = opset;
        node.getAttributeList().forEach(attribute -> attributes.put(attribute.getName(), attribute));
        unread.addAll(attributes.keySet());
    }

    /** Returns the operator's name. */
    public String operator() {
        return isStandard() ? node.getOpType() : node.getDomain() + "." + node.getOpType();
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

    /** Returns the names that graphs inside of the node read from around it: its inputs after its own. */
    List<String> captured() {
        return captured(node);
    }

    /** Returns the number of outputs. */
    public int outputs() {
        return node.getOutputCount();
    }

    /** Says whether a node is of the standard's own operators. */
    static boolean isStandard(NodeProto node) {
        return node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
    }

    boolean isStandard() {
        return isStandard(node);
    }

    /** Says whether the node reads an input of this place. */
    public boolean reads(int index) {
        return index < node.getInputCount() && !node.getInput(index).isEmpty();
    }

    /** Says whether anybody can read the output of this place. */
    public boolean gives(int index) {
        return index < node.getOutputCount() && !node.getOutput(index).isEmpty();
    }

    /** Says whether an attribute is there. */
    public boolean has(String name) {
        return attribute(name) != null;
    }

    /** Says that an attribute has no bearing on the values. */
    public void ignore(String name) {
        unread.remove(name);
    }

    /** Returns the attributes that were not asked for, sorted. */
    Set<String> unread() {
        return unread;
    }

    private @Nullable AttributeProto attribute(String name) {
        unread.remove(name);
        return attributes.get(name);
    }

    /** Returns an integer. */
    public long integer(String name, long otherwise) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? otherwise : attribute.getI();
    }

    /** Returns a yes or no. */
    public boolean flag(String name, boolean otherwise) {
        return integer(name, otherwise ? 1 : 0) != 0;
    }

    /** Returns a number. */
    public double number(String name, double otherwise) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? otherwise : attribute.getF();
    }

    /** Returns a text. */
    public String text(String name, String otherwise) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? otherwise : attribute.getS().toStringUtf8();
    }

    /** Returns a list of integers, or null if there is none. */
    public long @Nullable [] integersOrNull(String name) {
        AttributeProto attribute = attribute(name);
        return attribute == null
                ? null
                : attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
    }

    /** Returns a tensor, or null if there is none. */
    public @Nullable TensorProto tensorOrNull(String name) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? null : attribute.getT();
    }

    /** Returns a graph, or throws if there is none. */
    GraphProto graph(String name) {
        AttributeProto attribute = attribute(name);
        if (attribute == null) {
            throw refused("lacks its attribute " + name);
        }
        return attribute.getG();
    }

    /** Returns the names that graphs inside of a node read from around it, each once. */
    public static List<String> captured(NodeProto node) {
        return Branches.captured(node);
    }

    /** Returns the names of all values that a node reads: its inputs, then what graphs inside of it read from around it. */
    public static List<String> reads(NodeProto node) {
        List<String> captured = captured(node);
        if (captured.isEmpty()) {
            return node.getInputList();
        }
        List<String> all = new ArrayList<>(node.getInputList());
        all.addAll(captured);
        return all;
    }

    /** Returns libtorch's type for a data type of ONNX that the node names. */
    torch.ScalarType type(int dataType) {
        return TensorProtos.typeOrNone(dataType).orElseThrow(() -> unsupported("the data type " + dataType));
    }

    /** Returns what to throw where the node asks for something that is not supported. */
    public UnsupportedOperatorException unsupported(String what) {
        return refused("has " + what + ", which is not supported");
    }

    /** Returns what to throw where the node cannot run, with a reason that goes on after its name. */
    public UnsupportedOperatorException refused(String reason) {
        return new UnsupportedOperatorException(description(), reason);
    }

    private String firstOutput() {
        return node.getOutputCount() == 0 ? "nothing" : node.getOutput(0);
    }
}
