package io.maskstream.segmentation.model.zoo;

import io.maskstream.segmentation.model.zoo.Layers.Features;

/**
 * A tenth of {@link FastScnn} for the smallest tasks: the same two branches from a shared shallow part. Departures: the
 * branches are joined by stacking instead of adding, and the shallow part always ends at a quarter of the picture.
 */
record Light(String name, String summary) implements Architecture {

    @Override
    public void write(Layers layers, Features picture, int classes, boolean small) {
        Features shallow = layers.convolution(picture, 16, 3, 2, 1);
        shallow = layers.separable(layers.separable(shallow, 24, 2, 1), 32, 1, 1);
        Features deep = layers.invertedResidual(shallow, 32, 4, 2, 1);
        deep = layers.invertedResidual(deep, 32, 4, 1, 1);
        deep = layers.invertedResidual(deep, 48, 4, 2, 1);
        deep = layers.invertedResidual(deep, 48, 4, 1, 1);
        deep = layers.convolution(layers.concatenated(deep, layers.imagePooling(deep, 16)), 64, 1, 1, 1);
        deep = layers.named(Layers.ENCODER, deep);
        Features up = layers.concatenated(layers.resizedLike(deep, shallow), shallow);
        up = layers.separable(layers.convolution(up, 48, 1, 1, 1), 48, 1, 1);
        layers.logits(layers.classifier(layers.named(Layers.DECODER, up), classes), picture);
    }
}
