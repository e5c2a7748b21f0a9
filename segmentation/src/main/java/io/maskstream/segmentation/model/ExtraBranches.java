package io.maskstream.segmentation.model;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Second opinions in one graph: extra heads on inner features, and auxiliary decoders, each with class scores of its own.
 *
 * <p>Branch {@code b} gives the graph output {@code logits.b}, {@code [N, C, H, W]}, and reads its features through the
 * value {@code extra/b/entry}, where a forward pass can change what this branch alone sees. All that belongs to it is named
 * {@code extra/b/…}, so {@link #without} takes it away and leaves the graph as it was, byte for byte but for weights that
 * were trained. {@link PseudoLabelHead#attach} releases the deployed path alone in any case.
 */
public final class ExtraBranches {
    private static final String PREFIX = "extra/";

    private ExtraBranches() {}

    /** Where an auxiliary decoder's weights begin. */
    public enum Start {
        /** As those of the decoder that it copies. */
        COPIED,
        /**
         * Anew: convolutions and products normal after He et al. 2015 with variance {@code 2 / fan-in}, so that scores have about the size of
         * the features; biases 0, normalisations as none.
         */
        FRESH
    }

    /** Returns the name of a branch's class scores. */
    public static String logits(String branch) {
        return PseudoLabelHead.LOGITS + "." + branch;
    }

    /** Says whether an output of this name holds class scores: the network's own, or those of a branch. */
    public static boolean isClassScores(String name) {
        return name.equals(PseudoLabelHead.LOGITS) || name.startsWith(logits(""));
    }

    /** Returns the name of the value through which a branch alone sees its features. */
    public static String entry(String branch) {
        return PREFIX + branch + "/entry";
    }

    /**
     * Returns what the names of the values begin with through which a branch alone sees what it reads beside its features, such as skip
     * connections; a head reads nothing beside.
     */
    public static String beside(String branch) {
        return PREFIX + branch + "/beside-";
    }

    /** Says whether a name is one that {@link #beside} gives. */
    public static boolean isBeside(String name) {
        return name.startsWith(PREFIX) && name.endsWith("/beside-");
    }

    /** Says whether a weight of this name belongs to a branch. */
    public static boolean isOf(String branch, String weight) {
        return weight.startsWith(PREFIX + branch + "/");
    }

    /** Says whether a weight of this name belongs to any branch. */
    public static boolean isOfAny(String weight) {
        return weight.startsWith(PREFIX);
    }

    /** Returns the names of a graph's branches, in order. */
    public static List<String> names(ModelProto model) {
        String before = logits("");
        return model.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .filter(name -> name.startsWith(before))
                .map(name -> name.substring(before.length()))
                .toList();
    }

    /**
     * Adds a head: convolutions from inner features to class scores, resized to the picture.
     *
     * @param branch a name of letters, digits, {@code -} and {@code _}
     * @param features an inner value {@code [N, channels, h, w]}
     * @param channels of the features
     * @param hidden channels of a 3x3 convolution with ReLU before the 1x1 classifier; 0 has the classifier alone
     * @param classes of the scores
     * @param seed of the fresh weights, normal with variance {@code 2 / fan-in}, and {@code 1 / fan-in} in the classifier
     * @throws IllegalArgumentException if the name does not do or is taken, or there is no such value
     */
    public static ModelProto withHead(
            ModelProto model, String branch, String features, int channels, int hidden, int classes, long seed) {
        require(model, branch, features);
        GraphBuilder graph = GraphBuilder.on(model).within(PREFIX + branch + "/");
        SplittableRandom random = new SplittableRandom(seed);
        String value = graph.named(entry(branch), "Identity", List.of(features));
        int width = channels;
        if (hidden > 0) {
            String weight = graph.weight(
                    graph.unique("hidden.weight"),
                    normal(hidden * channels * 9, 2.0 / (9 * channels), random),
                    hidden,
                    channels,
                    3,
                    3);
            String bias = graph.weight(graph.unique("hidden.bias"), new float[hidden], hidden);
            String convolved = graph.node("Conv", List.of(value, weight, bias), Attributes.ints("pads", 1, 1, 1, 1));
            value = graph.node("Relu", List.of(convolved));
            width = hidden;
        }
        String weight = graph.weight(
                graph.unique("classifier.weight"), normal(classes * width, 1.0 / width, random), classes, width, 1, 1);
        String bias = graph.weight(graph.unique("classifier.bias"), new float[classes], classes);
        String scores = graph.node("Conv", List.of(value, weight, bias));
        String picture = GraphView.inputs(model.getGraph()).get(0).getName();
        String sizes = graph.node(
                "Concat",
                List.of(sizes(graph, scores, 0, 2), sizes(graph, picture, 2, 4)),
                Attributes.integer("axis", 0));
        graph.named(
                logits(branch),
                "Resize",
                List.of(scores, "", "", sizes),
                Attributes.text("mode", "linear"),
                Attributes.text("coordinate_transformation_mode", "half_pixel"));
        graph.output(logits(branch), TensorProto.DataType.FLOAT_VALUE, "N", Integer.toString(classes), "H", "W");
        return renamed(graph.build(), model, branch);
    }

    /**
     * Adds an embedding: two 1x1 convolutions with ReLU between, at the size of the features.
     *
     * @param branch a name of letters, digits, {@code -} and {@code _}
     * @param features an inner value {@code [N, channels, h, w]}
     * @param channels of the features
     * @param hidden channels between the convolutions
     * @param width values of an embedding
     * @param seed of the fresh weights
     * @throws IllegalArgumentException if the name does not do or is taken, or there is no such value
     */
    public static ModelProto withEmbedding(
            ModelProto model, String branch, String features, int channels, int hidden, int width, long seed) {
        require(model, branch, features);
        GraphBuilder graph = GraphBuilder.on(model).within(PREFIX + branch + "/");
        SplittableRandom random = new SplittableRandom(seed);
        String value = graph.named(entry(branch), "Identity", List.of(features));
        String wide = graph.weight(
                graph.unique("hidden.weight"),
                normal(hidden * channels, 2.0 / channels, random),
                hidden,
                channels,
                1,
                1);
        String wideBias = graph.weight(graph.unique("hidden.bias"), new float[hidden], hidden);
        String between = graph.node("Relu", List.of(graph.node("Conv", List.of(value, wide, wideBias))));
        String weight = graph.weight(
                graph.unique("embedding.weight"), normal(width * hidden, 1.0 / hidden, random), width, hidden, 1, 1);
        String bias = graph.weight(graph.unique("embedding.bias"), new float[width], width);
        graph.named(logits(branch), "Conv", List.of(between, weight, bias));
        graph.output(logits(branch), TensorProto.DataType.FLOAT_VALUE, "N", Integer.toString(width), "h", "w");
        return renamed(graph.build(), model, branch);
    }

    private static String sizes(GraphBuilder graph, String value, long from, long to) {
        String shape = graph.node("Shape", List.of(value));
        return graph.node("Slice", List.of(shape, graph.integers(from), graph.integers(to)));
    }

    /** Gives the nodes that were added names within the branch, as those of heads are named after their outputs. */
    private static ModelProto renamed(ModelProto with, ModelProto before, String branch) {
        ModelProto.Builder model = with.toBuilder();
        GraphProto.Builder graph = model.getGraphBuilder();
        for (int i = before.getGraph().getNodeCount(); i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            if (!node.getName().startsWith(PREFIX + branch + "/")) {
                graph.setNode(i, node.toBuilder().setName(PREFIX + branch + "/" + node.getName()));
            }
        }
        return model.build();
    }

    /**
     * Adds an auxiliary decoder: a copy of all between inner features and the logits, with weights and running statistics
     * of its own. What the decoder reads beside the features, such as skip connections, both read, the copy through the values
     * {@link #beside}.
     *
     * @param branch a name of letters, digits, {@code -} and {@code _}
     * @param features an inner value
     * @param seed of fresh weights
     * @throws IllegalArgumentException if the name does not do or is taken, there is no such value, or it does not lead
     *     to the logits
     */
    public static ModelProto withDecoder(ModelProto model, String branch, String features, Start start, long seed) {
        require(model, branch, features);
        GraphProto graph = model.getGraph();
        GraphView view = new GraphView(model);
        Set<Integer> copied = view.after(features);
        copied.retainAll(view.before(PseudoLabelHead.LOGITS));
        if (copied.isEmpty()) {
            throw new IllegalArgumentException("the value '" + features + "' does not lead to the logits");
        }
        Set<Integer> constant = view.independent();
        for (int node : List.copyOf(copied)) {
            for (String input : view.node(node).getInputList()) {
                view.before(input).stream().filter(constant::contains).forEach(copied::add); // forms of weights
            }
        }
        String prefix = PREFIX + branch + "/";
        Map<String, String> names = new HashMap<>();
        names.put(features, entry(branch));
        copied.forEach(node -> view.node(node)
                .getOutputList()
                .forEach(output -> names.put(output, output.isEmpty() ? "" : prefix + output)));
        names.put(PseudoLabelHead.LOGITS, logits(branch));
        List<String> besides = FeatureTaps.decoder(model, features).besides();
        for (int i = 0; i < besides.size(); i++) {
            names.put(besides.get(i), beside(branch) + i);
        }
        ModelProto.Builder with = model.toBuilder();
        GraphProto.Builder builder = with.getGraphBuilder();
        copyWeights(graph, view, copied, prefix, names, new Freshness(start, seed), builder);
        builder.addNode(through(features, entry(branch)));
        besides.forEach(value -> builder.addNode(through(value, Objects.requireNonNull(names.get(value)))));
        for (int index : copied.stream().sorted().toList()) {
            NodeProto copy = Rewiring.giving(Rewiring.reading(view.node(index), names), names);
            builder.addNode(copy.toBuilder().setName(prefix + copy.getName()));
        }
        ValueInfoProto logits = graph.getOutputList().stream()
                .filter(output -> output.getName().equals(PseudoLabelHead.LOGITS))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the graph has no output logits"));
        builder.addOutput(logits.toBuilder().setName(logits(branch)));
        return with.build();
    }

    private static NodeProto.Builder through(String value, String entry) {
        return NodeProto.newBuilder()
                .setName(entry)
                .setOpType("Identity")
                .addInput(value)
                .addOutput(entry);
    }

    private static void copyWeights(
            GraphProto graph,
            GraphView view,
            Set<Integer> copied,
            String prefix,
            Map<String, String> names,
            Freshness freshness,
            GraphProto.Builder builder) {
        Map<String, Role> roles = new HashMap<>();
        for (int index : copied.stream().sorted().toList()) {
            NodeProto node = view.node(index);
            for (int i = 0; i < node.getInputCount(); i++) {
                roles.merge(node.getInput(i), new Role(node.getOpType(), i), (first, second) -> first);
            }
        }
        for (TensorProto weight : graph.getInitializerList()) {
            Role role = roles.get(weight.getName());
            if (role != null && weight.getDataType() == TensorProto.DataType.FLOAT_VALUE) {
                String name = prefix + weight.getName();
                names.put(weight.getName(), name);
                builder.addInitializer(freshness.start(weight, role).toBuilder().setName(name));
            }
        }
    }

    /** Which input of which operator reads a weight. */
    private record Role(String operator, int input) {}

    /** Gives copied weights their first values. */
    private static final class Freshness {
        private static final Set<String> PRODUCTS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");
        private static final Set<String> NORMALISATIONS =
                Set.of("BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization");
        private final Start start;
        private final SplittableRandom random;

        Freshness(Start start, long seed) {
            this.start = start;
            this.random = new SplittableRandom(seed);
        }

        TensorProto start(TensorProto weight, Role role) {
            if (start == Start.COPIED) {
                return weight;
            }
            int count = Math.toIntExact(weight.getDimsList().stream().reduce(1L, (a, b) -> a * b));
            if (PRODUCTS.contains(role.operator())) {
                return role.input() == 1
                        ? filled(weight, normal(count, 2 / fanIn(weight, role), random))
                        : filled(weight, new float[count]);
            }
            if (NORMALISATIONS.contains(role.operator())) {
                float[] values = new float[count];
                boolean one = role.input() == 1 || role.input() == 4; // scale and variance
                Arrays.fill(values, one ? 1 : 0);
                return filled(weight, values);
            }
            return weight;
        }

        private static double fanIn(TensorProto weight, Role role) {
            List<Long> shape = weight.getDimsList();
            long kernel = shape.stream().skip(2).reduce(1L, (a, b) -> a * b);
            boolean outputFirst = role.operator().equals("Conv");
            long inputs = outputFirst && shape.size() > 1 ? shape.get(1) : shape.get(0); // of a group
            return (double) inputs * kernel;
        }

        private static TensorProto filled(TensorProto weight, float[] values) {
            return TensorValues.ofFloats(weight.getName(), values, TensorValues.shape(weight));
        }
    }

    /** Returns the graph without a branch. */
    public static ModelProto without(ModelProto model, String branch) {
        String prefix = PREFIX + branch + "/";
        ModelProto filtered =
                FeatureTaps.filtered(model, node -> !node.getName().startsWith(prefix));
        ModelProto.Builder without = filtered.toBuilder();
        List<TensorProto> weights = new ArrayList<>(filtered.getGraph().getInitializerList());
        weights.removeIf(weight -> weight.getName().startsWith(prefix));
        without.getGraphBuilder().clearInitializer().addAllInitializer(weights);
        return without.build();
    }

    /** Returns the graph without branches and without names of features: the deployed path. */
    public static ModelProto withoutAll(ModelProto model) {
        ModelProto left = model;
        for (String branch : names(model)) {
            left = without(left, branch);
        }
        return FeatureTaps.without(left);
    }

    private static float[] normal(int count, double variance, SplittableRandom random) {
        float[] values = new float[count];
        double deviation = Math.sqrt(variance);
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private static void require(ModelProto model, String branch, String features) {
        if (!branch.matches("[A-Za-z0-9_-]+")) {
            throw new IllegalArgumentException("a branch is named by letters, digits, - and _, not '" + branch + "'");
        }
        if (names(model).contains(branch)) {
            throw new IllegalArgumentException("the graph has a branch '" + branch + "' already");
        }
        if (!new GraphView(model).isGiven(features)) {
            throw new IllegalArgumentException(
                    "the graph has no inner value '" + features + "' for the branch " + branch);
        }
    }
}
