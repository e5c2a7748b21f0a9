package io.maskstream.segmentation.model.zoo;

import io.maskstream.segmentation.model.zoo.Layers.Features;

/**
 * Poudel et al., "Fast-SCNN", BMVC 2019: a shared shallow part, a deep branch of inverted residuals with pyramid pooling,
 * a detail branch of one layer, added.
 *
 * <p>Departures: the shallow part ends at an eighth of the picture as in the paper, for small pictures at a quarter. The
 * pyramid is that of Hong et al., "Deep Dual-resolution Networks", 2021 (means over strided windows and over the whole),
 * since ONNX has no pooling to a fixed number of cells; its layers have a bias instead of normalisation, which a map of a
 * single cell has no variance for. No dropout.
 */
record FastScnn(String name, String summary) implements Architecture {

    @Override
    public void write(Layers layers, Features picture, int classes, boolean small) {
        Features shallow = layers.convolution(picture, 32, 3, 2, 1);
        shallow = layers.separable(shallow, 48, 2, 1);
        shallow = layers.separable(shallow, 64, small ? 1 : 2, 1);
        Features deep = layers.invertedResiduals(shallow, 64, 3, 2, 1);
        deep = layers.invertedResiduals(deep, 96, 3, 2, 1);
        deep = layers.invertedResiduals(deep, 128, 3, 1, 1);
        Features pyramid = layers.concatenated(
                deep,
                layers.imagePooling(deep, 32),
                layers.windowPooling(deep, 32, 17, 8),
                layers.windowPooling(deep, 32, 9, 4),
                layers.windowPooling(deep, 32, 5, 2));
        deep = layers.named(Layers.ENCODER, layers.convolution(pyramid, 128, 1, 1, 1));
        Features context = layers.projection(layers.depthwise(layers.resizedLike(deep, shallow), 1, 4), 128);
        Features up = layers.relu(layers.added(context, layers.projection(shallow, 128)));
        up = layers.separable(layers.separable(up, 128, 1, 1), 128, 1, 1);
        layers.logits(layers.classifier(layers.named(Layers.DECODER, up), classes), picture);
    }
}
