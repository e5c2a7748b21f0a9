package io.maskstream.trainer.run;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.form.ModelForm;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelInput;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.segmentation.model.zoo.StartingModels;
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
     * @param height of the pictures that are learned from, in pixels; the file's normalisation stays
     * @throws IllegalArgumentException if there is neither, the file's classes are others, or it takes no such size
     */
    static ModelProto starting(String model, ClassList classes, int height, int width, long seed) throws IOException {
        if (!isFile(model)) {
            return StartingModels.named(model).build(classes, height, width, seed);
        }
        ModelProto trainable = trainable(Path.of(model));
        ModelMetadata metadata = ModelMetadata.read(trainable);
        if (!metadata.classes().names().equals(classes.names())) {
            throw new IllegalArgumentException("the model " + model + " tells "
                    + metadata.classes().names() + " apart, the data " + classes.names()
                    + ". Import it with these classes first: `models import` with --class-map keeps what it knows,"
                    + " with --classes the classifier starts anew");
        }
        ModelInput input = metadata.input();
        int least = input.multiple();
        if (height % least != 0 || width % least != 0) {
            throw new IllegalArgumentException("the model " + model + " takes sizes that are multiples of " + least
                    + ", not " + width + "x" + height + "; such as " + up(width, least) + "x" + up(height, least));
        }
        return metadata.withInput(
                        new ModelInput(height, width, input.sizePolicy(), input.multiple(), input.mean(), input.std()))
                .writeTo(trainable);
    }

    private static int up(int side, int multiple) {
        return (side + multiple - 1) / multiple * multiple;
    }

    /** Says whether a configured model is a file, not a starting model's name. */
    static boolean isFile(String model) {
        return model.endsWith(".onnx") || Files.exists(Path.of(model));
    }

    /** Reads a released or a trainable model and returns the trainable graph. */
    static ModelProto trainable(Path file) throws IOException {
        ModelProto model = ModelFile.read(file);
        ModelForm form = ModelForm.of(model);
        if (form != ModelForm.FLOAT32) {
            throw new IllegalArgumentException(file.getFileName() + " is the " + form.wireName()
                    + " form of a release and cannot be trained; start from the release's float32 file");
        }
        return PseudoLabelHead.isAttached(model) ? PseudoLabelHead.detach(model) : model;
    }

    /** Returns the graph to deploy. */
    static ModelProto deployed(ModelProto trainable, ModelMetadata metadata) throws IOException {
        return PseudoLabelHead.attach(metadata.writeTo(trainable));
    }
}
