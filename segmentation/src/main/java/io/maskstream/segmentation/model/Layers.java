package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The layers that the starting models are made of, written as ONNX nodes with fresh weights.
 *
 * <p>Convolutions start after He et al., "Delving Deep into Rectifiers", ICCV 2015: normal with variance {@code 2 /
 * fan-out}, the fan-out counted per group. Each convolution but the last is followed by batch normalisation, so it has no
 * bias.
 */
final class Layers {
    private final GraphBuilder graph;
    private final SplittableRandom random;
    private int count;

    Layers(GraphBuilder graph, long seed) {
        this.graph = graph;
        this.random = new SplittableRandom(seed);
    }

    /** A feature map by its value's name and its number of channels. */
    record Features(String value, int channels) {}

    /** Adds the picture {@code [N, 3, H, W]}. */
    Features picture() {
        return new Features(graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W"), 3);
    }

    /** Adds a convolution that keeps the size up to its stride, batch normalisation and ReLU. */
    Features convolution(Features in, int channels, int kernel, int stride, int dilation) {
        return relu(normalised(in, channels, kernel, stride, dilation, 1));
    }

    /** Adds a 3x3 convolution with batch normalisation and ReLU. */
    Features convolution(Features in, int channels) {
        return convolution(in, channels, 3, 1, 1);
    }

    /** Adds a depthwise 3x3 and a pointwise convolution, each with batch normalisation and ReLU. */
    Features separable(Features in, int channels, int stride, int dilation) {
        Features depthwise = relu(normalised(in, in.channels(), 3, stride, dilation, in.channels()));
        return convolution(depthwise, channels, 1, 1, 1);
    }

    /**
     * Adds an inverted residual (Sandler et al., "MobileNetV2", CVPR 2018): widen, depthwise, narrow without activation,
     * and the input added where the shape stays. Activations are ReLU6.
     */
    Features invertedResidual(Features in, int channels, int expansion, int stride, int dilation) {
        Features wide = in;
        if (expansion > 1) {
            wide = relu6(normalised(in, in.channels() * expansion, 1, 1, 1, 1));
        }
        Features deep = relu6(normalised(wide, wide.channels(), 3, stride, dilation, wide.channels()));
        Features narrow = normalised(deep, channels, 1, 1, 1, 1);
        if (stride == 1 && in.channels() == channels) {
            return new Features(graph.node("Add", List.of(in.value(), narrow.value())), channels);
        }
        return narrow;
    }

    /** Adds a 2x2 maximum pooling. */
    Features halved(Features in) {
        String value = graph.node(
                "MaxPool",
                List.of(in.value()),
                Attributes.ints("kernel_shape", 2, 2),
                Attributes.ints("strides", 2, 2));
        return new Features(value, in.channels());
    }

    /** Adds the mean over all pixels, {@code [N, D, 1, 1]}, through a convolution, spread over the size it came from. */
    Features imagePooling(Features in, int channels) {
        Features mean = new Features(graph.node("GlobalAveragePool", List.of(in.value())), in.channels());
        Features projected = relu(withBias(mean, channels, 1)); // a batch of one value has no variance to normalise by
        return resized(projected, in, "nearest");
    }

    /** Adds a bilinear resize to the height and width of another feature map, whatever those are. */
    Features resizedLike(Features in, Features like) {
        return resized(in, like, "linear");
    }

    private Features resized(Features in, Features like, String mode) {
        String channels = sizes(in.value(), 0, 2);
        String space = sizes(like.value(), 2, 4);
        String sizes = graph.node("Concat", List.of(channels, space), Attributes.integer("axis", 0));
        String value = graph.node(
                "Resize",
                List.of(in.value(), "", "", sizes),
                Attributes.text("mode", mode),
                Attributes.text("coordinate_transformation_mode", mode.equals("linear") ? "half_pixel" : "asymmetric"),
                Attributes.text("nearest_mode", "floor"));
        return new Features(value, in.channels());
    }

    private String sizes(String value, long from, long to) {
        String shape = graph.node("Shape", List.of(value));
        return graph.node("Slice", List.of(shape, graph.integers(from), graph.integers(to)));
    }

    /** Adds the feature maps above each other. */
    Features concatenated(Features... parts) {
        int channels = 0;
        for (Features part : parts) {
            channels += part.channels();
        }
        List<String> values = List.of(parts).stream().map(Features::value).toList();
        return new Features(graph.node("Concat", values, Attributes.integer("axis", 1)), channels);
    }

    /** Gives a feature map a name that methods can tap. */
    Features named(String name, Features in) {
        return new Features(graph.named(name, "Identity", List.of(in.value())), in.channels());
    }

    /** Adds the classifier, 1x1 with bias. */
    Features classifier(Features in, int classes) {
        return withBias(in, classes, 1);
    }

    /** Makes the class scores the graph's output {@code logits}, at the size of the picture. */
    void logits(Features scores, Features picture) {
        Features full = resizedLike(scores, picture);
        graph.named(PseudoLabelHead.LOGITS, "Identity", List.of(full.value()));
        logitsOutput(full.channels());
    }

    /** Makes the class scores the graph's output {@code logits}, where they have the picture's size already. */
    void logits(Features scores) {
        graph.named(PseudoLabelHead.LOGITS, "Identity", List.of(scores.value()));
        logitsOutput(scores.channels());
    }

    private void logitsOutput(int classes) {
        graph.output(
                PseudoLabelHead.LOGITS, TensorProto.DataType.FLOAT_VALUE, "N", Integer.toString(classes), "H", "W");
    }

    private Features withBias(Features in, int channels, int kernel) {
        String name = "conv" + count++;
        String weight = weights(name + ".weight", in.channels(), channels, kernel, 1);
        String bias = graph.weight(name + ".bias", new float[channels], channels);
        String value =
                graph.node("Conv", List.of(in.value(), weight, bias), Attributes.ints("kernel_shape", kernel, kernel));
        return new Features(value, channels);
    }

    private Features normalised(Features in, int channels, int kernel, int stride, int dilation, int groups) {
        String name = "conv" + count++;
        String weight = weights(name + ".weight", in.channels(), channels, kernel, groups);
        long pad = (long) dilation * (kernel / 2);
        String value = graph.node(
                "Conv",
                List.of(in.value(), weight),
                Attributes.ints("kernel_shape", kernel, kernel),
                Attributes.ints("strides", stride, stride),
                Attributes.ints("dilations", dilation, dilation),
                Attributes.ints("pads", pad, pad, pad, pad),
                Attributes.integer("group", groups));
        float[] ones = new float[channels];
        Arrays.fill(ones, 1);
        String normal = graph.node(
                "BatchNormalization",
                List.of(
                        value,
                        graph.weight(name + ".norm.weight", ones, channels),
                        graph.weight(name + ".norm.bias", new float[channels], channels),
                        graph.weight(name + ".norm.mean", new float[channels], channels),
                        graph.weight(name + ".norm.variance", ones, channels)),
                Attributes.real("epsilon", 1e-5),
                Attributes.real("momentum", 0.9));
        return new Features(normal, channels);
    }

    private String weights(String name, int in, int out, int kernel, int groups) {
        float[] values = new float[Math.multiplyExact(out * (in / groups), kernel * kernel)];
        double deviation = Math.sqrt(2.0 * groups / ((double) out * kernel * kernel));
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return graph.weight(name, values, out, in / groups, kernel, kernel);
    }

    private Features relu(Features in) {
        return new Features(graph.node("Relu", List.of(in.value())), in.channels());
    }

    private Features relu6(Features in) {
        return new Features(graph.node("Clip", List.of(in.value(), graph.scalar(0), graph.scalar(6))), in.channels());
    }
}
