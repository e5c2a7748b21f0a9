package io.maskstream.segmentation.model.zoo;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import java.util.List;

/**
 * A small network from maps of any kind to maps, which learns beside a segmentation network: what it reads and what it says is its user's
 * affair.
 *
 * <p>Three steps down and up again with a skip connection each, after Ronneberger et al., "U-Net", MICCAI 2015. No normalisation, since what
 * it reads is small in number and range.
 */
public final class MapNetwork {
    private MapNetwork() {}

    /** Where the last layer begins and what follows it. */
    public enum Ending {
        /** Any numbers, from fresh weights. */
        OPEN,
        /** Numbers in [-1, 1], by a hyperbolic tangent; 0 everywhere until something is learned. */
        BOUNDED
    }

    /**
     * Returns the graph, whose output {@code logits} {@code [N, outputs, H, W]} has the size of the input {@code [N, channels, H, W]}.
     *
     * @param width channels at half the size, twice as many below
     */
    public static ModelProto build(String name, int channels, int outputs, int width, Ending ending, long seed) {
        Layers layers = new Layers(GraphBuilder.empty(name), seed);
        Layers.Features maps = layers.maps(channels);
        Layers.Features half = layers.rectified(maps, width, 2);
        Layers.Features quarter = layers.rectified(half, 2 * width, 2);
        Layers.Features deepest = layers.rectified(quarter, 2 * width, 2);
        Layers.Features up =
                layers.rectified(layers.concatenated(layers.resizedLike(deepest, quarter), quarter), 2 * width, 1);
        Layers.Features last = layers.rectified(layers.concatenated(layers.resizedLike(up, half), half), width, 1);
        Layers.Features said = ending == Ending.OPEN ? layers.classifier(last, outputs) : layers.silent(last, outputs);
        if (ending == Ending.BOUNDED) {
            said = new Layers.Features(layers.graph().node("Tanh", List.of(said.value())), outputs);
        }
        layers.logits(said, maps);
        return layers.graph().build();
    }
}
