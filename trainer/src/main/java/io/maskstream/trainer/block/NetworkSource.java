package io.maskstream.trainer.block;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.trainer.network.SegmentationNetwork;
import java.util.List;
import java.util.Set;

/** Where a member's network comes from when a stage starts. */
@FunctionalInterface
public interface NetworkSource {
    /** A copy of the network with which the stage starts. */
    NetworkSource START =
            named("the stage's start", beginnings -> beginnings.start().copy());

    /** Returns a network of the member's own; the stage closes it. */
    SegmentationNetwork network(Beginnings beginnings);

    /** What there is to start from. */
    interface Beginnings {
        /** Returns the network with which the stage starts, without branches; not to be changed. */
        SegmentationNetwork start();

        /** Returns what an earlier stage of the round exported, or marked on its way, without branches; not to be changed. */
        SegmentationNetwork snapshot(String name);

        /** Makes a network of a graph, on the stage's device and in its precision. */
        SegmentationNetwork of(ModelProto graph);

        /** Returns how many classes there are. */
        int classes();

        /** Returns how many channels a value of a network's graph has, such as {@link io.maskstream.trainer.network.Taps#DECODER}. */
        int channels(SegmentationNetwork network, String value);

        /** Returns the name that a value has in a network's graph, which need not have the usual names. */
        String place(SegmentationNetwork network, String value);

        /** Returns a number that is the same for the same name in the same training. */
        long seed(String name);
    }

    /** A copy of what an earlier stage of the round exported. */
    static NetworkSource snapshot(String stage) {
        return named(
                "the network of stage " + stage,
                beginnings -> beginnings.snapshot(stage).copy());
    }

    /** This network with branches added to its graph. */
    default NetworkSource with(Branch... branches) {
        return named(this + " with " + List.of(branches), beginnings -> {
            try (SegmentationNetwork plain = network(beginnings)) {
                ModelProto graph = plain.toModel();
                for (Branch branch : branches) {
                    graph = branch.on(graph, plain, beginnings);
                }
                return beginnings.of(graph);
            }
        });
    }

    /**
     * This network with its last layers partly drawn anew, so that a copy of the start becomes a peer with an opinion of its own.
     *
     * @param novelty in [0, 1]: 0 leaves them, 1 draws them anew
     * @param name of what they are drawn for; equal names draw alike
     */
    default NetworkSource withHeadRedrawn(double novelty, String name) {
        return named(this + " with " + novelty + " of its last layers drawn anew", beginnings -> {
            SegmentationNetwork network = network(beginnings);
            Set<String> head = network.head();
            Redrawing.redraw(network, head::contains, novelty, beginnings.seed(name));
            return network;
        });
    }

    /**
     * This network with a branch partly drawn anew, as {@link #withHeadRedrawn}.
     *
     * @param branch one that this network has
     */
    default NetworkSource withBranchRedrawn(double novelty, String branch) {
        return named(this + " with " + novelty + " of " + branch + " drawn anew", beginnings -> {
            SegmentationNetwork network = network(beginnings);
            Redrawing.redraw(network, weight -> ExtraBranches.isOf(branch, weight), novelty, beginnings.seed(branch));
            return network;
        });
    }

    /** Gives a source a text, which is how it prints. */
    static NetworkSource named(String text, NetworkSource source) {
        record Named(String text, NetworkSource source) implements NetworkSource {
            @Override
            public SegmentationNetwork network(Beginnings beginnings) {
                return source.network(beginnings);
            }

            @Override
            public String toString() {
                return text;
            }
        }
        return new Named(text, source);
    }
}
