package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.segmentation.graph.GraphView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads and writes ONNX files, with bounds.
 *
 * <p>A model comes from outside, so nothing of it is trusted: its size is bounded before it is read, weights in files
 * beside it are refused (their paths could name any file of the machine), operators of foreign domains are refused, and
 * the graph must have one picture input and name its outputs once.
 */
public final class ModelFile {
    /** The most bytes of a model that is read: 512 MiB. */
    public static final long MAX_BYTES = 512L << 20;

    /** The oldest operator set that is read. */
    public static final int MIN_OPSET = 11;

    /** The newest operator set that is read. */
    public static final int MAX_OPSET = 22;

    private ModelFile() {}

    /**
     * Reads and checks a model.
     *
     * @throws ModelFormatException if the file is not a model that can be taken, with what is wrong
     * @throws IOException if it cannot be read
     */
    public static ModelProto read(Path file) throws IOException {
        return read(file, MAX_BYTES);
    }

    /** Reads and checks a model of at most so many bytes. */
    public static ModelProto read(Path file, long maxBytes) throws IOException {
        long size = Files.size(file);
        if (size > maxBytes) {
            throw new ModelFormatException(
                    file.getFileName() + " has " + size + " bytes, more than the " + maxBytes + " allowed for a model");
        }
        return parse(Files.readAllBytes(file), String.valueOf(file.getFileName()));
    }

    /** Checks a model that is in memory; {@code name} is for messages. */
    public static ModelProto parse(byte[] bytes, String name) throws ModelFormatException {
        ModelProto model;
        try {
            model = ModelProto.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new ModelFormatException(name + " is not an ONNX model: " + e.getMessage(), e);
        }
        check(model, name);
        return model;
    }

    /** Writes a model; a file of that name is replaced at once or not at all. */
    public static void write(Path file, ModelProto model) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (OutputStream out = Files.newOutputStream(part)) {
            model.writeTo(out);
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    static void check(ModelProto model, String name) throws ModelFormatException {
        if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
            throw new ModelFormatException(name + " is not an ONNX model: it has no graph");
        }
        int opset = GraphView.opset(model);
        if (opset < MIN_OPSET || opset > MAX_OPSET) {
            throw new ModelFormatException(name + " uses operator set " + opset + "; expected " + MIN_OPSET + " to "
                    + MAX_OPSET + ". Convert it with onnx.version_converter");
        }
        GraphProto graph = model.getGraph();
        for (TensorProto weight : graph.getInitializerList()) {
            if (weight.getDataLocation() == TensorProto.DataLocation.EXTERNAL || weight.getExternalDataCount() > 0) {
                throw new ModelFormatException(name + " keeps the weight '" + weight.getName()
                        + "' in another file; save the model as one file");
            }
        }
        if (graph.getSparseInitializerCount() > 0) {
            throw new ModelFormatException(name + " has sparse weights, which are not supported");
        }
        checkNodes(graph, name);
        List<ValueInfoProto> inputs = GraphView.inputs(graph);
        if (inputs.size() != 1) {
            throw new ModelFormatException(name + " has the inputs "
                    + inputs.stream().map(ValueInfoProto::getName).toList()
                    + "; expected one, the picture [N, 3, H, W]");
        }
        if (!inputs.get(0).getType().hasTensorType()
                || inputs.get(0).getType().getTensorType().getElemType() != TensorProto.DataType.FLOAT_VALUE
                || inputs.get(0).getType().getTensorType().getShape().getDimCount() != 4) {
            throw new ModelFormatException(
                    name + ": the input '" + inputs.get(0).getName() + "' must be float32 [N, 3, H, W]");
        }
    }

    private static void checkNodes(GraphProto graph, String name) throws ModelFormatException {
        Set<String> values = new HashSet<>();
        graph.getInputList().forEach(input -> values.add(input.getName()));
        graph.getInitializerList().forEach(weight -> values.add(weight.getName()));
        for (NodeProto node : graph.getNodeList()) {
            if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
                throw new ModelFormatException(name + ": node '" + node.getName() + "' is the operator "
                        + node.getDomain() + "." + node.getOpType() + "; only standard ONNX operators are taken");
            }
            for (String input : node.getInputList()) {
                if (!input.isEmpty() && !values.contains(input)) {
                    throw new ModelFormatException(name + ": node '" + node.getName() + "' (" + node.getOpType()
                            + ") reads '" + input + "', which nothing before it gives");
                }
            }
            for (String output : node.getOutputList()) {
                if (!output.isEmpty() && !values.add(output)) {
                    throw new ModelFormatException(name + ": '" + output + "' is given by more than one node");
                }
            }
        }
        if (graph.getOutputCount() == 0) {
            throw new ModelFormatException(name + " has no outputs");
        }
        for (ValueInfoProto output : graph.getOutputList()) {
            if (!values.contains(output.getName())) {
                throw new ModelFormatException(name + ": the output '" + output.getName() + "' is given by no node");
            }
        }
    }
}
