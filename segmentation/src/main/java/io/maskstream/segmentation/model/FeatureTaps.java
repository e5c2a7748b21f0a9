package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.graph.GraphView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Names for the inner values of a graph that methods look at: {@link #ENCODER}, the deepest features, and {@link #DECODER},
 * the features that the classifier reads.
 *
 * <p>Starting models have values of these names. In a graph from elsewhere they are found: the decoder's is what the last
 * layer before the logits reads, of several the largest. The encoder's is found by sizes, which one run of ONNX Runtime
 * tells. Of the values at the smallest size of a feature map (what a large or global pooling made is none) it is the last
 * where a pyramid of contexts begins (ASPP, PSP): three or more nodes read it, or a large pooling whose result is
 * concatenated again. Where there is no such value, it is the last before features grow again and before the classifier.
 *
 * <p>A named value becomes an output of the graph through a node {@code Identity}; a forward pass that changes it changes
 * what the node reads. {@link #without} takes the names away and leaves what was there before, byte for byte.
 */
public final class FeatureTaps {
    /** The deepest features, {@code [N, D, h, w]}. */
    public static final String ENCODER = "encoder";

    /** The features that the classifier reads, {@code [N, D, h, w]}. */
    public static final String DECODER = "decoder";

    /** What the names of the nodes that give a value another name begin with. */
    private static final String PREFIX = "tap/";

    private static final Set<String> POOLINGS =
            Set.of("AveragePool", "MaxPool", "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax", "LpPool");
    private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");
    private static final Set<String> GROWING =
            Set.of("Resize", "Upsample", "ConvTranspose", "DepthToSpace", "GridSample");
    private static final int LARGEST_POOLING = 4; // a step of an encoder makes its features no smaller than this
    private static final int PYRAMID = 3;

    private final GraphView view;

    private FeatureTaps(ModelProto model) {
        this.view = new GraphView(model);
    }

    /**
     * The places of a graph that methods look at.
     *
     * @param encoder the value of the deepest features
     * @param decoder the value that the classifier reads
     */
    public record Places(String encoder, String decoder) {}

    /**
     * Finds the places in a trainable graph by the rule above; values that have the names already are taken.
     *
     * @param height a size that the graph runs at, in pixels; a larger one tells sizes apart better
     * @throws ModelFormatException if the graph does not run at the size, or no features lead to its logits
     */
    public static Places find(ModelProto model, int height, int width) throws ModelFormatException {
        FeatureTaps taps = new FeatureTaps(model);
        boolean both = taps.view.isGiven(ENCODER) && taps.view.isGiven(DECODER);
        if (both) {
            return new Places(ENCODER, DECODER);
        }
        Map<String, long[]> shapes = GraphRun.shapes(model, height, width);
        Set<Integer> classifiers = taps.classifiers();
        String decoder = taps.view.isGiven(DECODER) ? DECODER : taps.decoder(classifiers, shapes);
        String encoder = taps.view.isGiven(ENCODER) ? ENCODER : taps.encoder(classifiers, shapes, decoder);
        return new Places(encoder, decoder);
    }

    /**
     * The way from inner features to the logits.
     *
     * @param besides the values that it reads beside those features, such as skip connections; sizes, weights and the picture itself are
     *     none of them
     * @param values those that its own nodes give
     */
    public record Decoder(List<String> besides, Set<String> values) {
        public Decoder {
            besides = List.copyOf(besides);
            values = Set.copyOf(values);
        }
    }

    /** Returns the way from inner features to the logits. */
    public static Decoder decoder(ModelProto model, String features) {
        GraphView view = new GraphView(model);
        String value = names(model).getOrDefault(features, features);
        Set<Integer> reached = view.after(value);
        reached.retainAll(view.before(PseudoLabelHead.LOGITS));
        Set<Integer> ofThePicture =
                view.after(GraphView.inputs(model.getGraph()).get(0).getName());
        Set<String> besides = new LinkedHashSet<>();
        Set<String> values = new HashSet<>();
        for (int node : reached.stream().sorted().toList()) {
            values.addAll(view.node(node).getOutputList());
            for (String input : view.node(node).getInputList()) {
                int giver = view.place(input);
                if (!input.equals(value) && !reached.contains(giver) && ofThePicture.contains(giver)) {
                    besides.add(input);
                }
            }
        }
        return new Decoder(List.copyOf(besides), values);
    }

    /** Returns the graph with the two places under their names. */
    public static ModelProto named(ModelProto model, int height, int width) throws ModelFormatException {
        Places places = find(model, height, width);
        ModelProto encoder = places.encoder().equals(ENCODER) ? model : with(model, ENCODER, places.encoder());
        return places.decoder().equals(DECODER) ? encoder : with(encoder, DECODER, places.decoder());
    }

    /**
     * Returns the graph with an inner value as an output under a name.
     *
     * @throws IllegalArgumentException if the name is taken, or there is no such value
     */
    public static ModelProto with(ModelProto model, String name, String value) {
        GraphView view = new GraphView(model);
        if (!view.isGiven(value)) {
            throw new IllegalArgumentException("the graph has no inner value '" + value + "' to be named " + name);
        }
        if (view.isGiven(name)) {
            throw new IllegalArgumentException("the graph has a value '" + name + "' already");
        }
        ModelProto.Builder tapped = model.toBuilder();
        tapped.getGraphBuilder()
                .addNode(NodeProto.newBuilder()
                        .setName(PREFIX + name)
                        .setOpType("Identity")
                        .addInput(value)
                        .addOutput(name));
        ValueInfoProto.Builder output = ValueInfoProto.newBuilder().setName(name);
        output.getTypeBuilder().getTensorTypeBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE);
        tapped.getGraphBuilder().addOutput(output);
        return tapped.build();
    }

    /** Returns the names that were given here, each with the value that has it. */
    public static Map<String, String> names(ModelProto model) {
        return model.getGraph().getNodeList().stream()
                .filter(node -> node.getName().startsWith(PREFIX))
                .collect(Collectors.toMap(node -> node.getOutput(0), node -> node.getInput(0)));
    }

    /** Returns the graph without any name that was given here. */
    public static ModelProto without(ModelProto model) {
        return filtered(model, node -> !node.getName().startsWith(PREFIX));
    }

    /** Returns the graph with these nodes, and the outputs that no other node gave. */
    static ModelProto filtered(ModelProto model, Predicate<NodeProto> stays) {
        ModelProto.Builder filtered = model.toBuilder();
        GraphProto graph = model.getGraph();
        GraphProto.Builder builder = filtered.getGraphBuilder().clearNode().clearOutput();
        Set<String> gone = new HashSet<>();
        for (NodeProto node : graph.getNodeList()) {
            if (stays.test(node)) {
                builder.addNode(node);
            } else {
                gone.addAll(node.getOutputList());
            }
        }
        graph.getOutputList().stream()
                .filter(output -> !gone.contains(output.getName()))
                .forEach(builder::addOutput);
        return filtered.build();
    }

    /** Returns the last layers before the logits. */
    private Set<Integer> classifiers() throws ModelFormatException {
        Set<Integer> found = new HashSet<>();
        Set<Integer> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(PseudoLabelHead.LOGITS));
        Set<Integer> constant = view.independent();
        while (!open.isEmpty()) {
            int giver = view.place(open.pop());
            if (giver < 0 || constant.contains(giver) || !seen.add(giver)) {
                continue;
            }
            NodeProto node = view.node(giver);
            if (LAYERS.contains(node.getOpType())) {
                found.add(giver);
            } else if (!node.getOpType().equals("Shape")) {
                open.addAll(node.getInputList());
            }
        }
        if (found.isEmpty()) {
            throw new ModelFormatException(
                    "no layer leads to the value '" + PseudoLabelHead.LOGITS + "', so there are no features to name");
        }
        return found;
    }

    private String decoder(Set<Integer> classifiers, Map<String, long[]> shapes) throws ModelFormatException {
        String best = "";
        long bestArea = -1;
        for (int classifier : classifiers.stream().sorted().toList()) {
            String features = view.node(classifier).getInput(0);
            long area = area(shapes.get(features));
            if (view.isGiven(features) && area >= bestArea) {
                best = features;
                bestArea = area;
            }
        }
        if (best.isEmpty()) {
            throw new ModelFormatException("the classifier reads the picture itself, so there are no features to name");
        }
        return best;
    }

    private String encoder(Set<Integer> classifiers, Map<String, long[]> shapes, String decoder) {
        Set<String> pooled = pooled(shapes);
        Set<Integer> onTheWay = view.before(PseudoLabelHead.LOGITS);
        Set<String> scores = new HashSet<>();
        classifiers.forEach(classifier -> view.node(classifier).getOutputList().forEach(output -> {
            scores.add(output);
            view.after(output).forEach(node -> scores.addAll(view.node(node).getOutputList()));
        }));
        long smallest = Long.MAX_VALUE;
        for (int i : onTheWay) {
            String value = view.node(i).getOutput(0);
            long area = area(shapes.get(value));
            if (area > 1 && !pooled.contains(value)) {
                smallest = Math.min(smallest, area);
            }
        }
        Set<String> grown = grown(shapes, pooled);
        String last = decoder;
        String pyramid = "";
        for (int i : onTheWay.stream().sorted().toList()) {
            String value = view.node(i).getOutput(0);
            boolean candidate = area(shapes.get(value)) == smallest
                    && !pooled.contains(value)
                    && !scores.contains(value)
                    && !grown.contains(value);
            if (candidate) {
                last = value;
                pyramid = startsPyramid(value, onTheWay, pooled) ? value : pyramid;
            }
        }
        return pyramid.isEmpty() ? last : pyramid;
    }

    private boolean startsPyramid(String value, Set<Integer> onTheWay, Set<String> pooled) {
        List<NodeProto> reading = view.readers(value).stream()
                .filter(reader -> onTheWay.contains(view.place(reader.getOutput(0))))
                .filter(reader -> !reader.getOpType().equals("Shape"))
                .toList();
        return reading.size() >= PYRAMID
                || reading.stream()
                        .map(reader -> reader.getOutput(0))
                        .anyMatch(output -> pooled.contains(output) && isConcatenated(output, pooled));
    }

    /** Follows what a pooling made until it meets other features; a gate that multiplies them is no pyramid. */
    private boolean isConcatenated(String output, Set<String> pooled) {
        for (NodeProto node : view.readers(output)) {
            boolean goesOn = pooled.contains(node.getOutput(0)) || GROWING.contains(node.getOpType());
            if (node.getOpType().equals("Concat") || (goesOn && isConcatenated(node.getOutput(0), pooled))) {
                return true;
            }
        }
        return false;
    }

    /** Returns the values that a large or global pooling made, and what comes of them alone. */
    private Set<String> pooled(Map<String, long[]> shapes) {
        Set<String> pooled = new HashSet<>();
        Set<Integer> constant = view.independent();
        for (int i = 0; i < view.count(); i++) {
            NodeProto node = view.node(i);
            if (constant.contains(i) || node.getInputCount() == 0 || GROWING.contains(node.getOpType())) {
                continue;
            }
            long[] from = shapes.get(node.getInput(0));
            long[] to = shapes.get(node.getOutput(0));
            boolean shrinks = area(from) > (long) LARGEST_POOLING * LARGEST_POOLING * Math.max(1, area(to));
            boolean large = node.getOpType().startsWith("Global") || (shrinks && POOLINGS.contains(node.getOpType()));
            boolean follows = node.getInputList().stream()
                    .filter(view::isGiven)
                    .filter(input -> !constant.contains(view.place(input)))
                    .allMatch(pooled::contains);
            if (large || (follows && pooled.contains(node.getInput(0)))) {
                pooled.addAll(node.getOutputList());
            }
        }
        return pooled;
    }

    /** Returns the values that come after features grew; a pooled one that comes back to its size has not grown. */
    private Set<String> grown(Map<String, long[]> shapes, Set<String> pooled) {
        Set<String> grown = new HashSet<>();
        for (int i = 0; i < view.count(); i++) {
            NodeProto node = view.node(i);
            boolean grows = GROWING.contains(node.getOpType())
                    && area(shapes.get(node.getOutput(0))) > area(shapes.get(node.getInput(0)))
                    && !pooled.contains(node.getInput(0));
            if (grows || node.getInputList().stream().anyMatch(grown::contains)) {
                grown.addAll(node.getOutputList());
            }
        }
        return grown;
    }

    private static long area(long @Nullable [] shape) {
        return shape == null || shape.length != 4 ? -1 : shape[2] * shape[3];
    }
}
