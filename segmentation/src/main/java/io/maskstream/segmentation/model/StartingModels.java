package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Layers.Features;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The architectures that configuration can name; a new one is one entry here. */
public final class StartingModels {
    private static final int SMALL_SIDE = 256;

    private static final List<StartingModel> ALL = List.of(
            entry(
                    "unet",
                    "a U-Net of about 0.27 million weights, for small pictures and few classes",
                    StartingModels::unet),
            entry(
                    "deeplabv3plus-mobilenetv2",
                    "DeepLabV3+ on a MobileNetV2 of half width, about 0.8 million weights, for larger pictures",
                    StartingModels::deepLab),
            entry("light", "a real-time network of two branches, about 0.1 million weights", StartingModels::light));

    private StartingModels() {}

    /** Returns all, in the order to list them. */
    public static List<StartingModel> all() {
        return ALL;
    }

    /** Returns the one of that name, or throws {@link IllegalArgumentException} with every name there is. */
    public static StartingModel named(String name) {
        return ALL.stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown starting model '" + name + "'; there are "
                        + ALL.stream().map(StartingModel::name).collect(Collectors.joining(", "))));
    }

    /** What an architecture adds to a graph that has the picture. */
    private interface Architecture {
        void write(Layers layers, Features picture, int classes, boolean small);
    }

    private record Entry(String name, String summary, Architecture architecture) implements StartingModel {
        @Override
        public ModelProto build(ClassList classes, int height, int width, long seed) {
            GraphBuilder graph = GraphBuilder.empty(name);
            Layers layers = new Layers(graph, seed);
            boolean small = Math.min(height, width) < SMALL_SIDE;
            architecture.write(layers, layers.picture(), classes.size(), small);
            ModelMetadata metadata =
                    ModelMetadata.starting("default", name + "-start", classes, ModelInput.fixed(height, width));
            return metadata.writeTo(graph.build());
        }
    }

    private static StartingModel entry(String name, String summary, Architecture architecture) {
        return new Entry(name, summary, architecture);
    }

    /**
     * Ronneberger et al., "U-Net", MICCAI 2015, with batch normalisation, size-keeping padding, three poolings and
     * bilinear enlargement to the skip's own size instead of transposed convolutions, so that any size fits.
     */
    private static void unet(Layers layers, Features picture, int classes, boolean small) {
        Features full = layers.convolution(layers.convolution(picture, 16), 16);
        Features half = layers.convolution(layers.convolution(layers.halved(full), 32), 32);
        Features quarter = layers.convolution(layers.convolution(layers.halved(half), 64), 64);
        Features deep = layers.convolution(layers.convolution(layers.halved(quarter), 80), 64);
        deep = layers.named("encoder", deep);
        Features up = joined(layers, deep, quarter, 48, 32);
        up = joined(layers, up, half, 32, 16);
        up = joined(layers, up, full, 16, 16);
        layers.logits(layers.classifier(layers.named("decoder", up), classes));
    }

    private static Features joined(Layers layers, Features deep, Features skip, int inner, int out) {
        Features both = layers.concatenated(layers.resizedLike(deep, skip), skip);
        return layers.convolution(layers.convolution(both, inner), out);
    }

    /**
     * Chen et al., "Encoder-Decoder with Atrous Separable Convolution", ECCV 2018, on MobileNetV2 of width 0.5. The
     * backbone ends at a 16th of the picture, for small pictures at an 8th; the atrous rates are those of the paper over
     * three, since a map of a small picture has fewer cells than the paper's rates span.
     */
    private static void deepLab(Layers layers, Features picture, int classes, boolean small) {
        Features low = layers.convolution(picture, 16, 3, 2, 1);
        low = layers.invertedResidual(low, 8, 1, 1, 1);
        low = stage(layers, low, 16, 2, 2, 1);
        Features deep = stage(layers, low, 16, 3, 2, 1);
        int dilation = small ? 2 : 1;
        deep = stage(layers, deep, 32, 4, small ? 1 : 2, dilation);
        deep = stage(layers, deep, 48, 3, 1, dilation);
        deep = stage(layers, deep, 80, 3, 1, 2 * dilation);
        deep = layers.named("encoder", deep);
        List<Features> pyramid = new ArrayList<>();
        pyramid.add(layers.convolution(deep, 64, 1, 1, 1));
        for (int rate : new int[] {2, 4, 6}) {
            pyramid.add(layers.separable(deep, 64, 1, rate));
        }
        pyramid.add(layers.imagePooling(deep, 64));
        Features context = layers.convolution(layers.concatenated(pyramid.toArray(Features[]::new)), 64, 1, 1, 1);
        Features detail = layers.convolution(low, 24, 1, 1, 1);
        Features up = layers.concatenated(layers.resizedLike(context, detail), detail);
        up = layers.separable(layers.separable(up, 64, 1, 1), 64, 1, 1);
        layers.logits(layers.classifier(layers.named("decoder", up), classes), picture);
    }

    private static Features stage(Layers layers, Features in, int channels, int blocks, int stride, int dilation) {
        Features out = layers.invertedResidual(in, channels, 6, stride, dilation);
        for (int i = 1; i < blocks; i++) {
            out = layers.invertedResidual(out, channels, 6, 1, dilation);
        }
        return out;
    }

    /**
     * After Poudel et al., "Fast-SCNN", BMVC 2019: a shared shallow part, a deep branch of inverted residuals with image
     * pooling, joined by stacking. Departures: the paper adds the branches, and its shallow part ends at an eighth of the picture, here at a quarter, which
     * small pictures need.
     */
    private static void light(Layers layers, Features picture, int classes, boolean small) {
        Features shallow = layers.convolution(picture, 16, 3, 2, 1);
        shallow = layers.separable(layers.separable(shallow, 24, 2, 1), 32, 1, 1);
        Features deep = layers.invertedResidual(shallow, 32, 4, 2, 1);
        deep = layers.invertedResidual(deep, 32, 4, 1, 1);
        deep = layers.invertedResidual(deep, 48, 4, 2, 1);
        deep = layers.invertedResidual(deep, 48, 4, 1, 1);
        deep = layers.convolution(layers.concatenated(deep, layers.imagePooling(deep, 16)), 64, 1, 1, 1);
        deep = layers.named("encoder", deep);
        Features up = layers.concatenated(layers.resizedLike(deep, shallow), shallow);
        up = layers.separable(layers.convolution(up, 48, 1, 1, 1), 48, 1, 1);
        layers.logits(layers.classifier(layers.named("decoder", up), classes), picture);
    }
}
