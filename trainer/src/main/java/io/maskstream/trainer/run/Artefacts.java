package io.maskstream.trainer.run;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.segmentation.model.StartingModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Model files on their way into a training and out of it. */
final class Artefacts {
    private Artefacts() {}

    /**
     * Returns the trainable graph that a configuration names, with its metadata.
     *
     * @param model name of a starting model, or path of an ONNX file written by Maskstream
     * @throws IllegalArgumentException if there is neither, or the file's classes are others
     */
    static ModelProto starting(String model, ClassList classes, int height, int width, long seed) throws IOException {
        if (!model.endsWith(".onnx") && !Files.exists(Path.of(model))) {
            return StartingModels.named(model).build(classes, height, width, seed);
        }
        ModelProto trainable = trainable(Path.of(model));
        ModelMetadata metadata = ModelMetadata.read(trainable);
        if (!metadata.classes().names().equals(classes.names())) {
            throw new IllegalArgumentException(
                    "the model " + model + " tells " + metadata.classes().names() + " apart, the data "
                            + classes.names() + "; import it with these classes first");
        }
        ModelInput input = metadata.input();
        return metadata.withInput(
                        new ModelInput(height, width, input.sizePolicy(), input.multiple(), input.mean(), input.std()))
                .writeTo(trainable);
    }

    /** Reads a released or a trainable model and returns the trainable graph. */
    static ModelProto trainable(Path file) throws IOException {
        ModelProto model = ModelFile.read(file);
        return PseudoLabelHead.isAttached(model) ? PseudoLabelHead.detach(model) : model;
    }

    /** Returns the graph to deploy. */
    static ModelProto deployed(ModelProto trainable, ModelMetadata metadata) throws IOException {
        return PseudoLabelHead.attach(metadata.writeTo(trainable));
    }
}
