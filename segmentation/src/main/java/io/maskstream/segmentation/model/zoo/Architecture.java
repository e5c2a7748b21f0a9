package io.maskstream.segmentation.model.zoo;

import io.maskstream.segmentation.model.zoo.Layers.Features;

/** What a starting model adds to a graph that has the picture. */
interface Architecture {
    /** Returns the name that configuration gives. */
    String name();

    /** Returns in a sentence what it is and what for. */
    String summary();

    /** Returns the least rows and columns of a picture that it takes. */
    default int leastSide() {
        return 1;
    }

    /**
     * Writes the layers up to the graph's output, naming the deepest features and those that the classifier reads.
     *
     * @param small whether it will be trained on small pictures, whose deepest map should not be a handful of cells
     */
    void write(Layers layers, Features picture, int classes, boolean small);
}
