package io.maskstream.segmentation.adoption;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.GraphView;
import io.maskstream.segmentation.graph.Rewiring;
import io.maskstream.segmentation.graph.TensorValues;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.PseudoLabelHead;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes away what exporters leave in a graph that says nothing or is in the way. Every removal is written down. */
final class Tidying {
    private static final int IR_VERSION = 8;
    private static final List<String> SIDES = List.of("N", "A", "B", "C");

    private Tidying() {}

    static ModelProto tidy(ModelProto model, Findings findings) throws ModelFormatException {
        GraphProto.Builder graph = model.getGraph().toBuilder();
        refuseHalf(model);
        ValueInfoProto picture = GraphView.inputs(model.getGraph()).get(0);
        int listed = graph.getInputCount() - 1;
        if (listed > 0) {
            findings.rewriting(listed + " weights were listed as inputs too, as old files do; they are weights only");
        }
        if (graph.getValueInfoCount() > 0) {
            graph.clearValueInfo();
            findings.rewriting("the shapes noted for inner values are left out; they follow from the nodes");
        }
        graph.clearInput().addInput(open(picture));
        Set<String> read = new HashSet<>();
        graph.getNodeList().forEach(node -> read.addAll(node.getInputList()));
        graph.getOutputList().forEach(output -> read.add(output.getName()));
        List<TensorProto> kept = graph.getInitializerList().stream()
                .filter(weight -> read.contains(weight.getName()))
                .toList();
        if (kept.size() < graph.getInitializerCount()) {
            findings.rewriting((graph.getInitializerCount() - kept.size())
                    + " weights that no node reads are left out: "
                    + graph.getInitializerList().stream()
                            .map(TensorProto::getName)
                            .filter(name -> !read.contains(name))
                            .toList());
            graph.clearInitializer().addAllInitializer(kept);
        }
        ModelProto tidied = model.toBuilder()
                .setGraph(graph)
                .setIrVersion(Math.max(IR_VERSION, model.getIrVersion()))
                .build();
        return withoutTakenNames(tidied, findings);
    }

    private static void refuseHalf(ModelProto model) throws ModelFormatException {
        for (TensorProto weight : model.getGraph().getInitializerList()) {
            int type = weight.getDataType();
            if (type == TensorProto.DataType.FLOAT16_VALUE || type == TensorProto.DataType.BFLOAT16_VALUE) {
                throw new ModelFormatException("the weight '" + weight.getName()
                        + "' has 16-bit numbers, too coarse to be trained; export the model in float32");
            }
        }
    }

    /** Lets the picture's sides vary; which of them really do, the trial of sizes tells. */
    private static ValueInfoProto open(ValueInfoProto picture) {
        ValueInfoProto.Builder open = picture.toBuilder();
        var shape = open.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        for (int i = 0; i < shape.getDimCount(); i++) {
            if (shape.getDim(i).getDimValue() != 3) {
                shape.getDimBuilder(i).setDimParam(SIDES.get(i));
            }
        }
        return open.build();
    }

    /** The head gives outputs of fixed names; inner values of such names step aside. */
    private static ModelProto withoutTakenNames(ModelProto model, Findings findings) {
        ModelProto changed = model;
        Set<String> outputs = new HashSet<>();
        model.getGraph().getOutputList().forEach(output -> outputs.add(output.getName()));
        for (NodeProto node : model.getGraph().getNodeList()) {
            for (String output : node.getOutputList()) {
                boolean taken = PseudoLabelHead.OUTPUTS.contains(output)
                        || (output.equals(PseudoLabelHead.LOGITS) && !outputs.contains(output));
                if (taken) {
                    String other = GraphBuilder.on(changed).unique("inner/" + output);
                    changed = Rewiring.renamed(changed, output, other);
                    findings.rewriting("the value '" + output + "' is named '" + other
                            + "', because the released graph gives an output of that name");
                }
            }
        }
        return changed;
    }

    /**
     * Returns the model with constant target sizes of a Resize taken for rows and columns only: pictures and channels are
     * read from what is resized, so that a batch and another class count pass.
     *
     * @param shapes of the values that are resized
     */
    static ModelProto withFreeResizes(ModelProto model, Map<String, long[]> shapes, Findings findings) {
        GraphView view = new GraphView(model);
        GraphBuilder builder = GraphBuilder.on(model).within("import/");
        ModelProto changed = model;
        int count = 0;
        for (NodeProto node : model.getGraph().getNodeList()) {
            String sizes = node.getOpType().equals("Resize") && node.getInputCount() == 4 ? node.getInput(3) : "";
            TensorProto constant = view.constant(sizes);
            long[] shape = shapes.get(node.getInputCount() == 0 ? "" : node.getInput(0));
            if (constant == null || shape == null) {
                continue;
            }
            long[] wanted = TensorValues.integers(constant);
            if (wanted.length == 4 && shape.length == 4 && wanted[0] == shape[0] && wanted[1] == shape[1]) {
                String now = builder.node("Shape", List.of(node.getInput(0)));
                String kept = builder.node("Slice", List.of(now, builder.integers(0), builder.integers(2)));
                String target = builder.node(
                        "Concat", List.of(kept, builder.integers(wanted[2], wanted[3])), Attributes.integer("axis", 0));
                changed = builder.build();
                changed = Rewiring.reads(
                        changed, sizes, target, reader -> reader.getOutput(0).equals(node.getOutput(0)));
                builder = GraphBuilder.on(changed).within("import/");
                count++;
            }
        }
        if (count > 0) {
            findings.rewriting(count + " Resize nodes had pictures and channels in their constant sizes;"
                    + " they take these from what they resize");
        }
        return Rewiring.inOrder(changed);
    }
}
