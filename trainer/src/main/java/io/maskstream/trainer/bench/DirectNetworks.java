package io.maskstream.trainer.bench;

import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * The starting models written out in calls of libtorch, as one writes them without a graph: what {@link TrainerBench} holds
 * graphs against. They train the tensors of a network of the same architecture.
 */
final class DirectNetworks {
    private static final Map<String, Architecture> BY_NAME = new TreeMap<>(Map.of(
            "unet-small", (layers, images, small) -> unet(layers, images, 3),
            "unet", (layers, images, small) -> unet(layers, images, 3),
            "unet-large", (layers, images, small) -> unet(layers, images, 4),
            "deeplabv3plus-mobilenetv2", DirectNetworks::deepLab,
            "fast-scnn", DirectNetworks::fastScnn,
            "light", (layers, images, small) -> light(layers, images),
            "segformer-b0", (layers, images, small) -> DirectSegFormer.forward(layers, images)));

    private DirectNetworks() {}

    /** From images {@code [N, 3, H, W]} to logits {@code [N, C, H, W]}. */
    private interface Architecture {
        Tensor forward(DirectLayers layers, Tensor images, boolean small);
    }

    /**
     * Returns the forward pass of a starting model in training mode, over the weights of a network.
     *
     * @param small whether the graph was built for small pictures
     */
    static UnaryOperator<Tensor> named(String name, SegmentationNetwork network, boolean small) {
        Architecture architecture = Objects.requireNonNull(BY_NAME.get(name), name);
        DirectLayers layers = new DirectLayers(network.parameters(), network.buffers());
        return images -> {
            layers.restart();
            return architecture.forward(layers, images, small);
        };
    }

    private static Tensor unet(DirectLayers layers, Tensor images, int poolings) {
        List<Tensor> skips = new ArrayList<>();
        Tensor in = images;
        for (int level = 0; level < poolings; level++) {
            Tensor skip = layers.convolution(layers.convolution(in));
            skips.add(skip);
            in = DirectLayers.halved(skip);
        }
        Tensor up = layers.convolution(layers.convolution(in));
        for (int level = poolings - 1; level >= 0; level--) {
            Tensor skip = skips.get(level);
            Tensor both = DirectLayers.concatenated(DirectLayers.resizedLike(up, skip), skip);
            up = layers.convolution(layers.convolution(both));
        }
        return layers.classifier(up);
    }

    private static Tensor deepLab(DirectLayers layers, Tensor images, boolean small) {
        Tensor low = layers.invertedResidual(layers.convolution(images, 2, 1), 1, 1, 1);
        low = layers.invertedResiduals(low, 2, 2, 1);
        int dilation = small ? 2 : 1;
        Tensor deep = layers.invertedResiduals(low, 3, 2, 1);
        deep = layers.invertedResiduals(deep, 4, small ? 1 : 2, dilation);
        deep = layers.invertedResiduals(deep, 3, 1, dilation);
        deep = layers.invertedResiduals(deep, 3, 1, 2 * dilation);
        Tensor context = layers.convolution(DirectLayers.concatenated(
                layers.convolution(deep),
                layers.separable(deep, 1, 2),
                layers.separable(deep, 1, 4),
                layers.separable(deep, 1, 6),
                layers.imagePooling(deep)));
        Tensor detail = layers.convolution(low);
        Tensor up = DirectLayers.concatenated(DirectLayers.resizedLike(context, detail), detail);
        up = layers.separable(layers.separable(up, 1, 1), 1, 1);
        return DirectLayers.resizedLike(layers.classifier(up), images);
    }

    private static Tensor fastScnn(DirectLayers layers, Tensor images, boolean small) {
        Tensor shallow = layers.separable(layers.convolution(images, 2, 1), 2, 1);
        shallow = layers.separable(shallow, small ? 1 : 2, 1);
        Tensor deep = layers.invertedResiduals(shallow, 3, 2, 1);
        deep = layers.invertedResiduals(deep, 3, 2, 1);
        deep = layers.invertedResiduals(deep, 3, 1, 1);
        deep = layers.convolution(DirectLayers.concatenated(
                deep,
                layers.imagePooling(deep),
                layers.windowPooling(deep, 17, 8),
                layers.windowPooling(deep, 9, 4),
                layers.windowPooling(deep, 5, 2)));
        Tensor context = layers.projection(layers.depthwise(DirectLayers.resizedLike(deep, shallow), 1, 4));
        Tensor up = context.add(layers.projection(shallow)).relu_();
        up = layers.separable(layers.separable(up, 1, 1), 1, 1);
        return DirectLayers.resizedLike(layers.classifier(up), images);
    }

    private static Tensor light(DirectLayers layers, Tensor images) {
        Tensor shallow = layers.separable(layers.convolution(images, 2, 1), 2, 1);
        shallow = layers.separable(shallow, 1, 1);
        Tensor deep = layers.invertedResidual(shallow, 4, 2, 1);
        deep = layers.invertedResidual(deep, 4, 1, 1);
        deep = layers.invertedResidual(deep, 4, 2, 1);
        deep = layers.invertedResidual(deep, 4, 1, 1);
        deep = layers.convolution(DirectLayers.concatenated(deep, layers.imagePooling(deep)));
        Tensor up = DirectLayers.concatenated(DirectLayers.resizedLike(deep, shallow), shallow);
        up = layers.separable(layers.convolution(up), 1, 1);
        return DirectLayers.resizedLike(layers.classifier(up), images);
    }
}
