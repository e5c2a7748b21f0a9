package io.maskstream.trainer.block;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.Rewiring;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Puts a learned mapping between an inner value of a graph and all that reads it. */
final class GraphMapping {
    private static final String PREFIX = "mapping/";

    private GraphMapping() {}

    /**
     * Returns the graph in which the value is the ReLU of a 1x1 convolution, without bias, of what it was.
     *
     * @param channels of the value, {@code [N, channels, h, w]}
     */
    static ModelProto on(ModelProto model, String value, int channels, double novelty, long seed) {
        String before = PREFIX + "before";
        GraphProto.Builder graph = model.getGraph().toBuilder();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            graph.setNode(i, Rewiring.giving(graph.getNode(i), Map.of(value, before)));
        }
        GraphBuilder mapped =
                GraphBuilder.on(model.toBuilder().setGraph(graph).build()).within(PREFIX);
        String weight = mapped.weight(
                mapped.unique("weight"),
                weights(channels, novelty, new SplittableRandom(seed)),
                channels,
                channels,
                1,
                1);
        mapped.named(value, "Relu", List.of(mapped.node("Conv", List.of(before, weight))));
        return Rewiring.inOrder(mapped.build());
    }

    /** Returns {@code sqrt(1 - s^2)} times the identity plus {@code s} times a random matrix whose rows have length 1 on average. */
    private static float[] weights(int channels, double novelty, SplittableRandom random) {
        float[] weights = new float[channels * channels];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (novelty * random.nextGaussian() / Math.sqrt(channels));
        }
        for (int c = 0; c < channels; c++) {
            weights[c * channels + c] += (float) Math.sqrt(1 - novelty * novelty);
        }
        return weights;
    }
}
