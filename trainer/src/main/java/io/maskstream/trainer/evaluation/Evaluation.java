package io.maskstream.trainer.evaluation;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Measures a model file on annotations.
 *
 * <p>The exported model runs in ONNX Runtime at its own input size; images are resized with antialiasing, masks to the
 * nearest pixel, and compared at that size. Gate, command line and loop all use this, so their figures agree.
 */
public final class Evaluation {
    private Evaluation() {}

    /**
     * Evaluates a model on a split of a data set.
     *
     * @param model a released model, as {@code train} writes it
     * @param dataset folder of the data set
     * @param split such as {@code val}; items without a mask are passed over
     * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}
     * @throws IOException if the data set or the model cannot be read
     * @throws IllegalArgumentException if the split has no masks or the classes differ
     */
    public static EvaluationReport ofDataset(Path model, Path dataset, String split, String device) throws IOException {
        if (!java.nio.file.Files.isRegularFile(model)) {
            throw new java.nio.file.NoSuchFileException(model.toString());
        }
        throw new UnsupportedOperationException("evaluation of " + model + " is built next");
    }
}
