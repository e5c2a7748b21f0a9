package io.maskstream.segmentation.model.zoo;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.model.PseudoLabelHead;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The layers that the starting models are made of, written as ONNX nodes with fresh weights.
 *
 * <p>Convolutions start after He et al., "Delving Deep into Rectifiers", ICCV 2015: normal with variance {@code 2 /
 * fan-in}, the fan-in counted per group; {@code 1 / fan-in} where no rectifier follows. So the scores of an untrained
 * network have the size of its input even with running statistics that nothing has moved yet. A convolution that batch
 * normalisation follows has no bias.
 */
final class Layers {
    /** The name of the deepest features. */
    static final String ENCODER = "encoder";

    /** The name of the features that the classifier reads. */
    static final String DECODER = "decoder";

    private static final double RECTIFIED = 2;
    private static final double PLAIN = 1;

    private final GraphBuilder graph;
    private final SplittableRandom random;
    private int count;

    Layers(GraphBuilder graph, long seed) {
        this.graph = graph;
        this.random = new SplittableRandom(seed);
    }

    /** A feature map by its value's name and its number of channels. */
    record Features(String value, int channels) {}

    /** Returns the graph, for layers of other kinds. */
    GraphBuilder graph() {
        return graph;
    }

    /** Adds the picture {@code [N, 3, H, W]}. */
    Features picture() {
        return new Features(graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W"), 3);
    }

    /** Adds maps {@code [N, channels, H, W]} of any kind in place of a picture. */
    Features maps(int channels) {
        String size = Integer.toString(channels);
        return new Features(graph.input("maps", TensorProto.DataType.FLOAT_VALUE, "N", size, "H", "W"), channels);
    }

    /** Adds a convolution that keeps the size up to its stride, batch normalisation and ReLU. */
    Features convolution(Features in, int channels, int kernel, int stride, int dilation) {
        return relu(normalised(in, channels, kernel, stride, dilation, 1, RECTIFIED, 1));
    }

    /** Adds a 3x3 convolution with batch normalisation and ReLU. */
    Features convolution(Features in, int channels) {
        return convolution(in, channels, 3, 1, 1);
    }

    /** Adds a depthwise 3x3 and a pointwise convolution, each with batch normalisation and ReLU. */
    Features separable(Features in, int channels, int stride, int dilation) {
        return convolution(depthwise(in, stride, dilation), channels, 1, 1, 1);
    }

    /** Adds a depthwise 3x3 convolution with batch normalisation and ReLU. */
    Features depthwise(Features in, int stride, int dilation) {
        return relu(normalised(in, in.channels(), 3, stride, dilation, in.channels(), RECTIFIED, 1));
    }

    /** Adds a pointwise convolution with batch normalisation and no activation. */
    Features projection(Features in, int channels) {
        return normalised(in, channels, 1, 1, 1, 1, PLAIN, 1);
    }

    /**
     * Adds an inverted residual (Sandler et al., "MobileNetV2", CVPR 2018): widen, depthwise, narrow without activation,
     * and the input added where the shape stays. Activations are ReLU6. Where the input is added the branch starts at
     * nothing, by its last normalisation (Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 5.1), so that depth
     * does not add up before anything is learned.
     */
    Features invertedResidual(Features in, int channels, int expansion, int stride, int dilation) {
        Features wide = in;
        if (expansion > 1) {
            wide = relu6(normalised(in, in.channels() * expansion, 1, 1, 1, 1, RECTIFIED, 1));
        }
        Features deep = relu6(normalised(wide, wide.channels(), 3, stride, dilation, wide.channels(), RECTIFIED, 1));
        boolean residual = stride == 1 && in.channels() == channels;
        Features narrow = normalised(deep, channels, 1, 1, 1, 1, PLAIN, residual ? 0 : 1);
        return residual ? added(in, narrow) : narrow;
    }

    /** Adds inverted residuals that widen six times, the first of them with the stride. */
    Features invertedResiduals(Features in, int channels, int blocks, int stride, int dilation) {
        Features out = invertedResidual(in, channels, 6, stride, dilation);
        for (int i = 1; i < blocks; i++) {
            out = invertedResidual(out, channels, 6, 1, dilation);
        }
        return out;
    }

    /** Adds two feature maps of one shape. */
    Features added(Features one, Features other) {
        return new Features(graph.node("Add", List.of(one.value(), other.value())), one.channels());
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
        Features projected = relu(biased(mean, channels, RECTIFIED)); // one value has no variance to normalise by
        return resized(projected, in, "nearest");
    }

    /** Adds the means over windows through a convolution, enlarged to the size that they came from. */
    Features windowPooling(Features in, int channels, int window, int stride) {
        long pad = window / 2;
        String means = graph.node(
                "AveragePool",
                List.of(in.value()),
                Attributes.ints("kernel_shape", window, window),
                Attributes.ints("strides", stride, stride),
                Attributes.ints("pads", pad, pad, pad, pad));
        Features projected = relu(biased(new Features(means, in.channels()), channels, RECTIFIED));
        return resizedLike(projected, in);
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

    /** Adds some of the sizes of a value, as integers. */
    String sizes(String value, long from, long to) {
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
        return biased(in, classes, PLAIN);
    }

    /** Adds a 3x3 convolution with bias and ReLU, without normalisation. */
    Features rectified(Features in, int channels, int stride) {
        return relu(biased(in, channels, 3, stride, 1, 1, RECTIFIED));
    }

    /** Adds a 1x1 convolution that gives 0 until it has learned. */
    Features silent(Features in, int channels) {
        return biased(in, channels, 0);
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

    /** Adds a convolution with bias and nothing after it. */
    Features biased(Features in, int channels, int kernel, int stride, int pad, int groups) {
        return biased(in, channels, kernel, stride, pad, groups, PLAIN);
    }

    private Features biased(Features in, int channels, double gain) {
        return biased(in, channels, 1, 1, 0, 1, gain);
    }

    private Features biased(Features in, int channels, int kernel, int stride, int pad, int groups, double gain) {
        String name = "conv" + count++;
        String weight = weights(name + ".weight", in.channels(), channels, kernel, groups, gain);
        String bias = constant(name + ".bias", 0, channels);
        return new Features(
                graph.node("Conv", List.of(in.value(), weight, bias), window(kernel, stride, 1, pad, groups)),
                channels);
    }

    private Features normalised(
            Features in, int channels, int kernel, int stride, int dilation, int groups, double gain, double scale) {
        String name = "conv" + count++;
        String weight = weights(name + ".weight", in.channels(), channels, kernel, groups, gain);
        int pad = dilation * (kernel / 2);
        String value = graph.node("Conv", List.of(in.value(), weight), window(kernel, stride, dilation, pad, groups));
        String normal = graph.node(
                "BatchNormalization",
                List.of(
                        value,
                        constant(name + ".norm.weight", scale, channels),
                        constant(name + ".norm.bias", 0, channels),
                        constant(name + ".norm.mean", 0, channels),
                        constant(name + ".norm.variance", 1, channels)),
                Attributes.real("epsilon", 1e-5),
                Attributes.real("momentum", 0.9));
        return new Features(normal, channels);
    }

    private static AttributeProto[] window(int kernel, int stride, int dilation, int pad, int groups) {
        return new AttributeProto[] {
            Attributes.ints("kernel_shape", kernel, kernel),
            Attributes.ints("strides", stride, stride),
            Attributes.ints("dilations", dilation, dilation),
            Attributes.ints("pads", pad, pad, pad, pad),
            Attributes.integer("group", groups)
        };
    }

    private String weights(String name, int in, int out, int kernel, int groups, double gain) {
        int read = Math.multiplyExact(in / groups, kernel * kernel);
        float[] values = new float[Math.multiplyExact(out, read)];
        double deviation = Math.sqrt(gain / read);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return graph.weight(name, values, out, in / groups, kernel, kernel);
    }

    /** Adds a weight with one value everywhere. */
    String constant(String name, double value, int count) {
        float[] values = new float[count];
        Arrays.fill(values, (float) value);
        return graph.weight(name, values, count);
    }

    /** Adds a matrix drawn from a normal distribution that is cut at two deviations. */
    String truncatedNormal(String name, double deviation, int rows, int columns) {
        float[] values = new float[Math.multiplyExact(rows, columns)];
        for (int i = 0; i < values.length; i++) {
            double drawn = random.nextGaussian();
            while (Math.abs(drawn) > 2) {
                drawn = random.nextGaussian();
            }
            values[i] = (float) (deviation * drawn);
        }
        return graph.weight(name, values, rows, columns);
    }

    /** Adds ReLU. */
    Features relu(Features in) {
        return new Features(graph.node("Relu", List.of(in.value())), in.channels());
    }

    private Features relu6(Features in) {
        return new Features(graph.node("Clip", List.of(in.value(), graph.scalar(0), graph.scalar(6))), in.channels());
    }
}
