package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.platform.Fp16Conversions;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.Rewiring;
import io.maskstream.segmentation.graph.TensorValues;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.PseudoLabelHead;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A released graph that computes in half precision, for accelerators.
 *
 * <p>Picture and outputs stay float32, and so does the whole pseudo-label head, whose exponentials and sums over pixels need
 * the range. Before it, operators that hold in half precision take and give float16; casts stand where a value passes to one
 * that does not (resizing, means over all pixels, exponentials, norms) or has a constant beyond {@value #LARGEST}. Batch normalisation
 * is folded first ({@link BatchNormalisationFolding}), in float32.
 */
public final class Float16Form {
    /** The largest finite number of float16. */
    public static final float LARGEST = 65504;

    private static final Set<String> HALF = Set.of(
            "Conv",
            "ConvTranspose",
            "Relu",
            "LeakyRelu",
            "PRelu",
            "Clip",
            "Sigmoid",
            "HardSigmoid",
            "HardSwish",
            "Tanh",
            "Elu",
            "Add",
            "Sub",
            "Mul",
            "Div",
            "Min",
            "Max",
            "Neg",
            "Abs",
            "Concat",
            "Split",
            "Slice",
            "Pad",
            "MaxPool",
            "AveragePool",
            "GlobalMaxPool",
            "Transpose",
            "Reshape",
            "Squeeze",
            "Unsqueeze",
            "Flatten",
            "Expand",
            "Gather",
            "Identity",
            "MatMul",
            "Gemm",
            "Where",
            "Tile",
            "DepthToSpace",
            "SpaceToDepth");

    private static final Set<String> ANY = Set.of("Shape", "Size");

    private Float16Form() {}

    /**
     * Makes the form.
     *
     * @param released a float32 model with its pseudo-label head; its metadata is carried over
     * @throws ModelFormatException if the model is of another form, or ONNX Runtime refuses it
     */
    public static ModelProto of(ModelProto released) throws ModelFormatException {
        if (ModelForm.of(released) != ModelForm.FLOAT32) {
            throw new ModelFormatException("the model is in "
                    + ModelForm.of(released).wireName() + " already; a form is made from the float32 file");
        }
        OpenGraph graph = new OpenGraph(PseudoLabelHead.detach(released));
        BatchNormalisationFolding.fold(graph);
        Set<String> floats = GraphRun.floats(graph.close());
        floats.add(graph.input());
        new Rewriting(graph, floats).apply();
        return ModelForm.FLOAT16.mark(PseudoLabelHead.attach(graph.close()));
    }

    /** A float value keeps its name in float32 and has another in float16; whichever is missing is cast when it is asked for. */
    private static final class Rewriting {
        private final OpenGraph graph;
        private final Set<String> floats;
        private final Set<String> full = new HashSet<>();
        private final Set<String> half = new HashSet<>();
        private final List<NodeProto> nodes = new ArrayList<>();

        Rewriting(OpenGraph graph, Set<String> floats) {
            this.graph = graph;
            this.floats = floats;
        }

        void apply() {
            full.add(graph.input());
            for (NodeProto node : graph.nodes()) {
                if (ANY.contains(node.getOpType())) {
                    nodes.add(asItIs(node));
                } else if (HALF.contains(node.getOpType()) && fits(node)) {
                    nodes.add(inHalf(node));
                } else {
                    node.getInputList().stream().filter(floats::contains).forEach(this::inFull);
                    nodes.add(node);
                    node.getOutputList().stream().filter(floats::contains).forEach(full::add);
                }
            }
            graph.outputs().stream().filter(floats::contains).forEach(this::inFull);
            graph.nodes(nodes);
        }

        private boolean fits(NodeProto node) {
            for (String input : node.getInputList()) {
                TensorProto constant = graph.floatConstant(input);
                if (constant != null) {
                    for (float value : TensorValues.floats(constant)) {
                        if (!(Math.abs(value) <= LARGEST)) {
                            return false;
                        }
                    }
                }
            }
            return true;
        }

        private NodeProto asItIs(NodeProto node) {
            String input = node.getInput(0);
            boolean onlyHalf = half.contains(input) && !full.contains(input);
            return onlyHalf ? Rewiring.reading(node, Map.of(input, halfName(input))) : node;
        }

        private NodeProto inHalf(NodeProto node) {
            NodeProto.Builder converted = node.toBuilder();
            for (int i = 0; i < node.getInputCount(); i++) {
                String input = node.getInput(i);
                TensorProto constant = graph.floatConstant(input);
                if (constant != null) {
                    if (half.add(input)) {
                        graph.put(halved(constant, halfName(input)));
                    }
                    converted.setInput(i, halfName(input));
                } else if (floats.contains(input)) {
                    if (half.add(input)) {
                        cast(input, halfName(input), TensorProto.DataType.FLOAT16_VALUE);
                    }
                    converted.setInput(i, halfName(input));
                }
            }
            for (int i = 0; i < node.getOutputCount(); i++) {
                String output = node.getOutput(i);
                if (floats.contains(output)) {
                    half.add(output);
                    converted.setOutput(i, halfName(output));
                }
            }
            return converted.build();
        }

        private void inFull(String value) {
            if (full.add(value)) {
                cast(halfName(value), value, TensorProto.DataType.FLOAT_VALUE);
            }
        }

        private void cast(String from, String to, int type) {
            nodes.add(NodeProto.newBuilder()
                    .setName(to + ":Cast")
                    .setOpType("Cast")
                    .addInput(from)
                    .addOutput(to)
                    .addAttribute(Attributes.integer("to", type))
                    .build());
        }

        /** Rounds half to even. */
        private static TensorProto halved(TensorProto constant, String name) {
            float[] values = TensorValues.floats(constant);
            short[] bits = new short[values.length];
            for (int i = 0; i < bits.length; i++) {
                bits[i] = Fp16Conversions.floatToFp16(values[i]);
            }
            return TensorValues.ofHalves(name, bits, TensorValues.shape(constant));
        }

        private static String halfName(String value) {
            return value + "/half";
        }
    }
}
