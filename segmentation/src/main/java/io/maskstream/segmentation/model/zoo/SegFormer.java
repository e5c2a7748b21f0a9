package io.maskstream.segmentation.model.zoo;

import io.maskstream.segmentation.model.zoo.Layers.Features;
import io.maskstream.segmentation.model.zoo.Tokens.Sequence;

/**
 * Xie et al., "SegFormer", NeurIPS 2021, of size B0: overlapping patch embeddings, attention whose keys and values come
 * from a map made smaller by a strided convolution, feed-forward layers with a depthwise convolution inside, and a decoder
 * of linear layers over all four stages.
 *
 * <p>Departures: keys and values have a layer each, which is the same as one layer cut in two; no dropout and no
 * stochastic depth.
 */
record SegFormer(String name, String summary) implements Architecture {
    private static final int[] CHANNELS = {32, 64, 160, 256};
    private static final int[] HEADS = {1, 2, 5, 8};
    private static final int[] REDUCTIONS = {8, 4, 2, 1};
    private static final int BLOCKS = 2;
    private static final int DECODER_CHANNELS = 256;

    /** Below that a map has fewer cells than the convolution in front of its keys covers. */
    @Override
    public int leastSide() {
        return 32;
    }

    @Override
    public void write(Layers layers, Features picture, int classes, boolean small) {
        Features in = picture;
        Features[] maps = new Features[CHANNELS.length];
        for (int stage = 0; stage < maps.length; stage++) {
            Tokens tokens = new Tokens(layers, "stage" + stage);
            Sequence sequence =
                    stage == 0 ? tokens.patches(in, CHANNELS[0], 7, 4) : tokens.patches(in, CHANNELS[stage], 3, 2);
            for (int block = 0; block < BLOCKS; block++) {
                sequence = tokens.attention(sequence, HEADS[stage], REDUCTIONS[stage]);
                sequence = tokens.feedForward(sequence, 4);
            }
            in = tokens.map(tokens.normalised(sequence));
            maps[stage] = in;
        }
        maps[3] = layers.named(Layers.ENCODER, maps[3]);
        Tokens decoder = new Tokens(layers, "decode");
        Features[] parts = new Features[maps.length];
        for (int i = 0; i < parts.length; i++) {
            Features part = decoder.map(decoder.linear(decoder.sequence(maps[parts.length - 1 - i]), DECODER_CHANNELS));
            parts[i] = i == parts.length - 1 ? part : layers.resizedLike(part, maps[0]);
        }
        Features up = layers.convolution(layers.concatenated(parts), DECODER_CHANNELS, 1, 1, 1);
        layers.logits(layers.classifier(layers.named(Layers.DECODER, up), classes), picture);
    }
}
