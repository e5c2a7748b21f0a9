package io.maskstream.segmentation.model.zoo;

import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.model.zoo.Layers.Features;
import java.util.List;

/**
 * The layers of a transformer, on maps that are read as sequences of their cells.
 *
 * <p>Linear layers start with a normal distribution of deviation 0.02, cut at two deviations, and no bias, as in Dosovitskiy
 * et al., "An Image is Worth 16x16 Words", ICLR 2021.
 */
final class Tokens {
    private static final double LAYER_EPSILON = 1e-6;

    private final Layers layers;
    private final GraphBuilder graph;
    private final String prefix;
    private int count;

    /**
     * @param prefix stands before the names of the weights
     */
    Tokens(Layers layers, String prefix) {
        this.layers = layers;
        this.graph = layers.graph();
        this.prefix = prefix;
    }

    /**
     * The cells of a map, row by row.
     *
     * @param value {@code [N, h * w, C]}
     * @param space the name of the map's height and width, two integers
     */
    record Sequence(String value, int channels, String space) {}

    /** Adds a convolution over overlapping patches and a layer normalisation. */
    Sequence patches(Features in, int channels, int kernel, int stride) {
        return normalised(sequence(layers.biased(in, channels, kernel, stride, kernel / 2, 1)));
    }

    /** Reads a map as a sequence. */
    Sequence sequence(Features map) {
        String flat = graph.node("Reshape", List.of(map.value(), graph.integers(0, map.channels(), -1)));
        String value = graph.node("Transpose", List.of(flat), Attributes.ints("perm", 0, 2, 1));
        return new Sequence(value, map.channels(), layers.sizes(map.value(), 2, 4));
    }

    /** Reads a sequence as a map. */
    Features map(Sequence in) {
        String flat = graph.node("Transpose", List.of(in.value()), Attributes.ints("perm", 0, 2, 1));
        String shape = graph.node(
                "Concat", List.of(graph.integers(0, in.channels()), in.space()), Attributes.integer("axis", 0));
        return new Features(graph.node("Reshape", List.of(flat, shape)), in.channels());
    }

    /** Adds a layer normalisation. */
    Sequence normalised(Sequence in) {
        String name = name("norm");
        String value = graph.node(
                "LayerNormalization",
                List.of(
                        in.value(),
                        layers.constant(name + ".weight", 1, in.channels()),
                        layers.constant(name + ".bias", 0, in.channels())),
                Attributes.integer("axis", -1),
                Attributes.real("epsilon", LAYER_EPSILON));
        return new Sequence(value, in.channels(), in.space());
    }

    /** Adds a linear layer with bias. */
    Sequence linear(Sequence in, int channels) {
        String name = name("linear");
        String weight = layers.truncatedNormal(name + ".weight", 0.02, in.channels(), channels);
        String product = graph.node("MatMul", List.of(in.value(), weight));
        String value = graph.node("Add", List.of(product, layers.constant(name + ".bias", 0, channels)));
        return new Sequence(value, channels, in.space());
    }

    /**
     * Adds self-attention after a layer normalisation, and the input to it.
     *
     * @param reduction the stride of the convolution before keys and values, 1 for none
     */
    Sequence attention(Sequence in, int heads, int reduction) {
        Sequence own = normalised(in);
        Sequence others = own;
        if (reduction > 1) {
            others = normalised(sequence(layers.biased(map(own), in.channels(), reduction, reduction, 0, 1)));
        }
        int each = in.channels() / heads;
        String query = headed(linear(own, in.channels()), heads, 0, 2, 1, 3); // [N, heads, L, each]
        String key = headed(linear(others, in.channels()), heads, 0, 2, 3, 1); // [N, heads, each, M]
        String content = headed(linear(others, in.channels()), heads, 0, 2, 1, 3); // [N, heads, M, each]
        String scaled = graph.node("Mul", List.of(query, graph.scalar(1 / Math.sqrt(each))));
        String scores = graph.node("MatMul", List.of(scaled, key));
        String shares = graph.node("Softmax", List.of(scores), Attributes.integer("axis", -1));
        String mixed = graph.node("MatMul", List.of(shares, content));
        String ordered = graph.node("Transpose", List.of(mixed), Attributes.ints("perm", 0, 2, 1, 3));
        String joined = graph.node("Reshape", List.of(ordered, graph.integers(0, -1, in.channels())));
        return added(in, linear(new Sequence(joined, in.channels(), in.space()), in.channels()));
    }

    private String headed(Sequence in, int heads, long... order) {
        String cut = graph.node(
                "Reshape",
                List.of(in.value(), graph.integers(0, -1, heads, in.channels() / heads))); // [N, L, heads, each]
        return graph.node("Transpose", List.of(cut), Attributes.ints("perm", order));
    }

    /** Adds two linear layers with a depthwise 3x3 convolution and GELU between them, and the input to it. */
    Sequence feedForward(Sequence in, int expansion) {
        Sequence wide = linear(normalised(in), expansion * in.channels());
        Features map = map(wide);
        Sequence mixed = sequence(layers.biased(map, map.channels(), 3, 1, 1, map.channels()));
        return added(in, linear(new Sequence(gelu(mixed.value()), wide.channels(), in.space()), in.channels()));
    }

    /** The operator Gelu came with set 20; before, it is written out: {@code x / 2 * (1 + erf(x / sqrt(2)))}. */
    private String gelu(String value) {
        String error = graph.node("Erf", List.of(graph.node("Div", List.of(value, graph.scalar(Math.sqrt(2))))));
        String raised = graph.node("Add", List.of(error, graph.scalar(1)));
        return graph.node("Mul", List.of(graph.node("Mul", List.of(value, raised)), graph.scalar(0.5)));
    }

    private Sequence added(Sequence one, Sequence other) {
        return new Sequence(graph.node("Add", List.of(one.value(), other.value())), one.channels(), one.space());
    }

    private String name(String kind) {
        return prefix + "." + kind + count++;
    }
}
