package io.maskstream.segmentation.model.zoo;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.mask.ClassList;

/** An architecture that a line can start from. */
public interface StartingModel {
    /** Returns the name that configuration gives. */
    String name();

    /** Returns in a sentence what it is and what for. */
    String summary();

    /** Returns the least rows and columns of a picture that it takes. */
    int leastSide();

    /**
     * Builds a trainable graph with fresh weights and metadata: input {@code image} {@code [N, 3, H, W]} of any height and
     * width from {@link #leastSide} on, output {@code logits} {@code [N, C, H, W]}; the inner values {@code encoder} and {@code decoder} are named.
     *
     * @param height rows that it will be trained at
     * @param width columns that it will be trained at
     * @param seed equal seeds give equal weights
     * @throws IllegalArgumentException if the size is below {@link #leastSide}
     */
    ModelProto build(ClassList classes, int height, int width, long seed);
}
