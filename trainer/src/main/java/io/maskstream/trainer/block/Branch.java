package io.maskstream.trainer.block;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.trainer.block.NetworkSource.Beginnings;
import io.maskstream.trainer.network.SegmentationNetwork;

/** A second opinion grown on a network's graph: a head or a decoder; the released model never has it. */
@FunctionalInterface
public interface Branch {

    /**
     * Returns the graph with the branch.
     *
     * @param network a network of the same graph without branches, to ask for sizes
     */
    ModelProto on(ModelProto graph, SegmentationNetwork network, Beginnings beginnings);

    /**
     * Returns a fresh head that gives class scores, {@code outputs.logits(name)}.
     *
     * @param features what it reads, such as {@link io.maskstream.trainer.network.Taps#DECODER}
     * @param hidden channels of a 3x3 convolution before the classifier; 0 has the classifier alone
     */
    static Branch head(String name, String features, int hidden) {
        return named(
                "head " + name + " on the " + features,
                (graph, network, beginnings) ->
                        head(graph, network, beginnings, name, features, hidden, beginnings.classes()));
    }

    /** Returns a fresh head that gives {@code width} values a pixel, such as an embedding, {@code outputs.logits(name)}. */
    static Branch projection(String name, String features, int hidden, int width) {
        return named(
                "projection " + name + " on the " + features,
                (graph, network, beginnings) -> head(graph, network, beginnings, name, features, hidden, width));
    }

    /**
     * Returns a fresh pair of 1x1 convolutions that gives {@code width} values for every place of the features it reads, {@code
     * outputs.logits(name)}, at their size.
     */
    static Branch embedding(String name, String features, int hidden, int width) {
        return named(
                "embedding " + name + " of the " + features,
                (graph, network, beginnings) -> ExtraBranches.withEmbedding(
                        graph,
                        name,
                        beginnings.place(network, features),
                        beginnings.channels(network, features),
                        hidden,
                        width,
                        beginnings.seed(name)));
    }

    /** Returns a decoder like the network's own, reading the same features, {@code outputs.logits(name)}. */
    static Branch decoder(String name, String features, ExtraBranches.Start start) {
        return named(
                "decoder " + name + " on the " + features,
                (graph, network, beginnings) -> ExtraBranches.withDecoder(
                        graph, name, beginnings.place(network, features), start, beginnings.seed(name)));
    }

    /**
     * Returns a convolution of one pixel with ReLU on features, which all that reads them reads from then on: the mapping of CCVC (Wang et
     * al., CVPR 2023), which lets one of two networks see the same features differently.
     *
     * @param novelty in [0, 1]: 0 passes features above 0 as they are, 1 maps them at random, in between both, without growth
     */
    static Branch mapping(String features, double novelty) {
        return named("mapping of the " + features + ", " + novelty + " random", (graph, network, beginnings) -> {
            String place = beginnings.place(network, features);
            int channels = beginnings.channels(network, features);
            return GraphMapping.on(graph, place, channels, novelty, beginnings.seed("mapping"));
        });
    }

    private static ModelProto head(
            ModelProto graph,
            SegmentationNetwork network,
            Beginnings beginnings,
            String name,
            String features,
            int hidden,
            int width) {
        int channels = beginnings.channels(network, features);
        return ExtraBranches.withHead(
                graph, name, beginnings.place(network, features), channels, hidden, width, beginnings.seed(name));
    }

    /** Gives a branch a text, which is how it prints. */
    static Branch named(String text, Branch branch) {
        record Named(String text, Branch branch) implements Branch {
            @Override
            public ModelProto on(ModelProto graph, SegmentationNetwork network, Beginnings beginnings) {
                return branch.on(graph, network, beginnings);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, branch);
    }
}
