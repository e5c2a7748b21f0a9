package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.mask.ClassList;

/** An architecture that a line can start from. */
public interface StartingModel {
    /** Returns the name that configuration gives. */
    String name();

    /** Returns in a sentence what it is and what for. */
    String summary();

    /**
     * Builds a trainable graph with fresh weights and metadata: input {@code image} {@code [N, 3, H, W]} of any height and
     * width, output {@code logits} {@code [N, C, H, W]}; the inner values {@code encoder} and {@code decoder} are named.
     *
     * @param height rows that it will be trained at
     * @param width columns that it will be trained at
     * @param seed equal seeds give equal weights
     */
    ModelProto build(ClassList classes, int height, int width, long seed);
}
