package io.maskstream.segmentation.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import java.util.Locale;

/**
 * Writes an ONNX graph node by node.
 *
 * <p>A value is named by a text; every method that adds one returns its name. Names are unique: a name that is taken gets
 * a number. All nodes are of the standard operator set.
 */
public final class GraphBuilder {
    private static final int IR_VERSION = 8; // the version that came with operator set 15 and holds for 17
    private static final int OPSET = 17;

    private final ModelProto.Builder model;
    private final GraphProto.Builder graph;
    private final TakenNames names;
    private final int opset;
    private String prefix = "";

    private GraphBuilder(ModelProto.Builder model, int opset) {
        this.model = model;
        this.graph = model.getGraphBuilder();
        this.opset = opset;
        this.names = new TakenNames(model.getGraph());
    }

    /** Starts an empty graph. */
    public static GraphBuilder empty(String name) {
        ModelProto.Builder model =
                ModelProto.newBuilder().setIrVersion(IR_VERSION).setProducerName("maskstream");
        model.addOpsetImportBuilder().setDomain("").setVersion(OPSET);
        model.getGraphBuilder().setName(name);
        return new GraphBuilder(model, OPSET);
    }

    /** Goes on writing a graph that there is. */
    public static GraphBuilder on(ModelProto model) {
        return new GraphBuilder(model.toBuilder(), GraphView.opset(model));
    }

    /** Puts a text before the names that this chooses from now on. */
    public GraphBuilder within(String newPrefix) {
        prefix = newPrefix;
        return this;
    }

    /** Returns the version of the operator set. */
    public int opset() {
        return opset;
    }

    /** Adds a graph input; a dimension is a number or, where it varies, a name. */
    public String input(String name, int elementType, String... dimensions) {
        names.take(name);
        graph.addInput(value(name, elementType, dimensions));
        return name;
    }

    /** Makes a value a graph output; a dimension is a number or, where it varies, a name. */
    public GraphBuilder output(String name, int elementType, String... dimensions) {
        graph.addOutput(value(name, elementType, dimensions));
        return this;
    }

    /** Adds a node with one output and returns the output's name. */
    public String node(String operator, List<String> inputs, AttributeProto... attributes) {
        return named(unique(operator.toLowerCase(Locale.ROOT)), operator, inputs, attributes);
    }

    /** Adds a node whose output has this very name. */
    public String named(String output, String operator, List<String> inputs, AttributeProto... attributes) {
        names.take(output);
        nodes(operator, inputs, List.of(output), attributes);
        return output;
    }

    /** Adds a node with several outputs of these very names. */
    public void nodes(String operator, List<String> inputs, List<String> outputs, AttributeProto... attributes) {
        names.take(outputs);
        graph.addNode(NodeProto.newBuilder()
                .setName(outputs.get(0) + ":" + operator)
                .setOpType(operator)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .addAllAttribute(List.of(attributes)));
    }

    /**
     * Adds a reduction over axes; up to operator set 17 most of them take the axes as an attribute, later as an input.
     */
    public String reduce(String operator, String input, boolean keepDimensions, long... axes) {
        AttributeProto keep = Attributes.integer("keepdims", keepDimensions ? 1 : 0);
        if (opset >= 18 || operator.equals("ReduceSum")) {
            return node(operator, List.of(input, integers(axes)), keep);
        }
        return node(operator, List.of(input), Attributes.ints("axes", axes), keep);
    }

    /** Adds a weight of this very name. */
    public String weight(String name, float[] values, long... shape) {
        names.take(name);
        graph.addInitializer(TensorValues.ofFloats(name, values, shape));
        return name;
    }

    /** Adds a float scalar. */
    public String scalar(double value) {
        return weight(unique("scalar"), new float[] {(float) value});
    }

    /** Adds an int64 scalar. */
    public String integer(long value) {
        return integerTensor(new long[] {value});
    }

    /** Adds a list of int64. */
    public String integers(long... values) {
        return integerTensor(values, values.length);
    }

    private String integerTensor(long[] values, long... shape) {
        String name = unique("integers");
        graph.addInitializer(TensorValues.ofLongs(name, values, shape));
        return name;
    }

    /** Returns a name that nothing has yet, and takes it. */
    public String unique(String wanted) {
        return names.unique(prefix + wanted);
    }

    /** Adds a node as it is. */
    public GraphBuilder add(NodeProto node) {
        names.take(node.getOutputList());
        graph.addNode(node);
        return this;
    }

    /** Removes all nodes, so that they can be written anew; their names stay taken. */
    public GraphBuilder clearNodes() {
        graph.clearNode();
        return this;
    }

    /** Removes all graph outputs, so that others can be named. */
    public GraphBuilder clearOutputs() {
        graph.clearOutput();
        return this;
    }

    /** Removes all graph inputs, so that others can be named. */
    public GraphBuilder clearInputs() {
        graph.clearInput();
        return this;
    }

    /** Returns the model as it is now. */
    public ModelProto build() {
        return model.build();
    }

    private static ValueInfoProto value(String name, int elementType, String... dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (String dimension : dimensions) {
            if (!dimension.isEmpty() && Character.isDigit(dimension.charAt(0))) {
                shape.addDimBuilder().setDimValue(Long.parseLong(dimension));
            } else {
                shape.addDimBuilder().setDimParam(dimension);
            }
        }
        TypeProto.Tensor.Builder type =
                TypeProto.Tensor.newBuilder().setElemType(elementType).setShape(shape);
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(type))
                .build();
    }
}
