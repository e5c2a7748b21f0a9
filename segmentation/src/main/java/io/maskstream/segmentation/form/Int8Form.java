package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.Rewiring;
import io.maskstream.segmentation.graph.TensorValues;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PreparedImage;
import io.maskstream.segmentation.model.PseudoLabelHead;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A released graph whose convolutions compute in eight-bit integers, by static quantisation in QDQ form.
 *
 * <p>Batch normalisation is folded first ({@link BatchNormalisationFolding}). Weights are signed bytes per output channel
 * ({@link ChannelWeights}), activations unsigned bytes per value ({@link Affine}) over ranges measured on calibration images, biases
 * 32-bit integers. The graph says so with {@code QuantizeLinear} and {@code DequantizeLinear} around float operators, which
 * ONNX Runtime fuses to integer ones; a runtime that does not fuse gives nearly the same numbers, slowly. The pseudo-label
 * head stays float32 throughout, and so does what {@link Settings} leaves out.
 */
public final class Int8Form {
    private static final String WEIGHT_BITS = "maskstream-int8-weight-bits";
    private static final String FULL = "8";
    private static final String REDUCED = "7";

    private Int8Form() {}

    /**
     * How the integers are chosen.
     *
     * @param ranges of the activations
     * @param reducedWeights whether weights take 7 bits: processors of x86 without VNNI add two 8-bit products in 16 bits, which
     *     overflows with 8
     * @param first whether the convolutions that see the picture compute in integers
     * @param last whether those do that give the class scores
     */
    public record Settings(RangeRule ranges, boolean reducedWeights, boolean first, boolean last) {
        /** Returns what was measured to keep the most quality at nearly all the speed. */
        public static Settings usual() {
            return new Settings(RangeRule.SQUARED_ERROR, !Processor.multipliesBytesExactly(), true, false);
        }
    }

    /**
     * Makes the form.
     *
     * @param released a float32 model with its pseudo-label head; its metadata is carried over
     * @param calibration pictures such as the model will see, at least one; never those it is judged on
     * @throws ModelFormatException if the graph has no convolution that can compute in integers, or does not run
     */
    public static ModelProto of(ModelProto released, List<RgbImage> calibration, Settings settings)
            throws ModelFormatException {
        if (ModelForm.of(released) != ModelForm.FLOAT32) {
            throw new ModelFormatException("the model is in "
                    + ModelForm.of(released).wireName() + " already; a form is made from the float32 file");
        }
        if (calibration.isEmpty()) {
            throw new IllegalArgumentException("the int8 form needs at least one calibration image");
        }
        ModelMetadata metadata = ModelMetadata.read(released);
        OpenGraph graph = new OpenGraph(PseudoLabelHead.detach(released));
        BatchNormalisationFolding.fold(graph);
        QuantisationPlan plan = QuantisationPlan.of(graph, settings.first(), settings.last());
        if (plan.convolutions().isEmpty()) {
            throw new ModelFormatException(
                    "the model has no convolution of constant weights that could compute in integers");
        }
        Set<String> measured = new TreeSet<>(plan.values());
        measured.removeAll(plan.sameAs().keySet());
        measured.addAll(plan.sameAs().values());
        List<PreparedImage> images = calibration.stream()
                .map(image -> PreparedImage.of(image, metadata.input()))
                .toList();
        Map<String, Affine> grids =
                ActivationRanges.measure(graph.close(), graph.input(), measured, images, settings.ranges());
        new Rewriting(graph, plan, grids, settings.reducedWeights()).apply();
        ModelProto.Builder marked = ModelForm.INT8.mark(PseudoLabelHead.attach(graph.close())).toBuilder();
        marked.addMetadataPropsBuilder().setKey(WEIGHT_BITS).setValue(settings.reducedWeights() ? REDUCED : FULL);
        return marked.build();
    }

    /** Puts the rounding into the graph. */
    private static final class Rewriting {
        private final OpenGraph graph;
        private final QuantisationPlan plan;
        private final Map<String, Affine> grids;
        private final boolean reduced;
        private final List<NodeProto> nodes = new ArrayList<>();
        private final Map<String, String> bytes = new HashMap<>();
        private final Map<String, String> rounded = new HashMap<>();

        Rewriting(OpenGraph graph, QuantisationPlan plan, Map<String, Affine> grids, boolean reduced) {
            this.graph = graph;
            this.plan = plan;
            this.grids = grids;
            this.reduced = reduced;
        }

        void apply() {
            round(graph.input());
            for (NodeProto node : graph.nodes()) {
                boolean asksSize = node.getOpType().equals("Shape");
                NodeProto reading = Rewiring.reading(node, asksSize ? bytes : rounded);
                nodes.add(plan.convolutions().contains(node.getOutput(0)) ? withBytes(reading, node) : reading);
                node.getOutputList().forEach(this::round);
            }
            graph.nodes(nodes);
        }

        private Affine grid(String value) {
            String measured = plan.sameAs().getOrDefault(value, value);
            return Objects.requireNonNull(grids.get(measured));
        }

        private void round(String value) {
            if (!plan.values().contains(value)) {
                return;
            }
            Affine grid = grid(value);
            String scale = graph.put(TensorValues.ofFloats(graph.unique(value + "/scale"), new float[] {grid.scale()}));
            String zero = graph.put(
                    TensorValues.ofBytes(graph.unique(value + "/zero"), false, new byte[] {(byte) grid.zeroPoint()}));
            String quantised = graph.unique(value + "/bytes");
            nodes.add(node("QuantizeLinear", quantised, value, scale, zero).build());
            bytes.put(value, quantised);
            rounded.put(value, dequantised(value + "/rounded", quantised, scale, zero, null));
        }

        private String dequantised(String wanted, String quantised, String scale, String zero, @Nullable Integer axis) {
            String output = graph.unique(wanted);
            NodeProto.Builder node = node("DequantizeLinear", output, quantised, scale, zero);
            if (axis != null) {
                node.addAttribute(Attributes.integer("axis", axis));
            }
            nodes.add(node.build());
            return output;
        }

        private NodeProto withBytes(NodeProto reading, NodeProto original) {
            TensorProto weight = Objects.requireNonNull(graph.floatConstant(original.getInput(1)));
            float[] values = TensorValues.floats(weight);
            int channels = (int) weight.getDims(0);
            boolean hasBias =
                    original.getInputCount() > 2 && !original.getInput(2).isEmpty();
            float[] bias = hasBias
                    ? TensorValues.floats(Objects.requireNonNull(graph.floatConstant(original.getInput(2))))
                    : new float[channels];
            float step = grid(original.getInput(0)).scale();
            ChannelWeights integers = ChannelWeights.of(values, bias, step, reduced);
            String name = original.getOutput(0) + "/weight";
            String scales =
                    graph.put(TensorValues.ofFloats(graph.unique(name + ".scale"), integers.scales(), channels));
            String zeros =
                    graph.put(TensorValues.ofBytes(graph.unique(name + ".zero"), true, new byte[channels], channels));
            String stored = graph.put(TensorValues.ofBytes(
                    graph.unique(name + ".int8"), true, integers.weights(), TensorValues.shape(weight)));
            String biasScales = graph.put(
                    TensorValues.ofFloats(graph.unique(name + ".bias.scale"), integers.biasScales(step), channels));
            String biasZeros =
                    graph.put(TensorValues.ofInts(graph.unique(name + ".bias.zero"), new int[channels], channels));
            String storedBias = graph.put(TensorValues.ofInts(graph.unique(name + ".bias"), integers.bias(), channels));
            return reading.toBuilder()
                    .clearInput()
                    .addInput(reading.getInput(0))
                    .addInput(dequantised(name, stored, scales, zeros, 0))
                    .addInput(dequantised(name + ".bias/rounded", storedBias, biasScales, biasZeros, 0))
                    .build();
        }

        private static NodeProto.Builder node(String operator, String output, String... inputs) {
            return NodeProto.newBuilder()
                    .setName(output + ":" + operator)
                    .setOpType(operator)
                    .addAllInput(List.of(inputs))
                    .addOutput(output);
        }
    }

    /** Says whether this machine computes a model as it was made to be computed; so for every model that is not int8. */
    public static boolean isExactHere(ModelProto model) {
        boolean fullWeights = model.getMetadataPropsList().stream()
                .anyMatch(entry ->
                        entry.getKey().equals(WEIGHT_BITS) && entry.getValue().equals(FULL));
        return !fullWeights || Processor.multipliesBytesExactly();
    }

    /** Returns how many convolutions of a model compute in integers. */
    public static long integerConvolutions(ModelProto model) {
        Set<String> dequantised = model.getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("DequantizeLinear"))
                .map(node -> node.getOutput(0))
                .collect(Collectors.toSet());
        return model.getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().equals("Conv") && dequantised.contains(node.getInput(1)))
                .count();
    }
}
