package io.maskstream.segmentation.model.zoo;

import io.maskstream.segmentation.model.zoo.Layers.Features;
import java.util.ArrayList;
import java.util.List;

/**
 * Ronneberger et al., "U-Net", MICCAI 2015, with batch normalisation, size-keeping padding and bilinear enlargement to the
 * skip's own size instead of transposed convolutions, so that any size fits.
 *
 * @param width channels at the picture's own size; they double with every pooling
 * @param poolings how often the maps are halved
 */
record UNet(String name, String summary, int width, int poolings) implements Architecture {

    @Override
    public void write(Layers layers, Features picture, int classes, boolean small) {
        List<Features> skips = new ArrayList<>();
        Features in = picture;
        for (int level = 0; level < poolings; level++) {
            int channels = width << level;
            Features skip = layers.convolution(layers.convolution(in, channels), channels);
            skips.add(skip);
            in = layers.halved(skip);
        }
        int top = width << (poolings - 1);
        Features up = layers.convolution(layers.convolution(in, top + top / 4), top);
        up = layers.named(Layers.ENCODER, up);
        for (int level = poolings - 1; level >= 0; level--) {
            int channels = width << level;
            int inner = level == poolings - 1 ? channels - channels / 4 : channels;
            up = joined(layers, up, skips.get(level), inner, Math.max(width, channels / 2));
        }
        layers.logits(layers.classifier(layers.named(Layers.DECODER, up), classes));
    }

    private static Features joined(Layers layers, Features deep, Features skip, int inner, int out) {
        Features both = layers.concatenated(layers.resizedLike(deep, skip), skip);
        return layers.convolution(layers.convolution(both, inner), out);
    }
}
