package io.maskstream.segmentation.model.zoo;

import io.maskstream.segmentation.model.zoo.Layers.Features;
import java.util.ArrayList;
import java.util.List;

/**
 * Chen et al., "Encoder-Decoder with Atrous Separable Convolution", ECCV 2018, on MobileNetV2 of width 0.5. The backbone
 * ends at a 16th of the picture, for small pictures at an 8th; the atrous rates are those of the paper over three, since a
 * map of a small picture has fewer cells than the paper's rates span.
 */
record DeepLab(String name, String summary) implements Architecture {

    @Override
    public void write(Layers layers, Features picture, int classes, boolean small) {
        Features low = layers.convolution(picture, 16, 3, 2, 1);
        low = layers.invertedResidual(low, 8, 1, 1, 1);
        low = layers.invertedResiduals(low, 16, 2, 2, 1);
        Features deep = layers.invertedResiduals(low, 16, 3, 2, 1);
        int dilation = small ? 2 : 1;
        deep = layers.invertedResiduals(deep, 32, 4, small ? 1 : 2, dilation);
        deep = layers.invertedResiduals(deep, 48, 3, 1, dilation);
        deep = layers.invertedResiduals(deep, 80, 3, 1, 2 * dilation);
        deep = layers.named(Layers.ENCODER, deep);
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
        layers.logits(layers.classifier(layers.named(Layers.DECODER, up), classes), picture);
    }
}
