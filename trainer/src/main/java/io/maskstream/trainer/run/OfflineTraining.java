package io.maskstream.trainer.run;

import java.io.IOException;

/**
 * One semi-supervised training over a data set on disk, without Kafka.
 *
 * <p>The chosen masks of the train split are learned from as annotations, its other images as unlabelled; the exported model
 * is then evaluated on the {@code val} split by ONNX Runtime. Equal settings on one machine give equal weights.
 */
public final class OfflineTraining {
    private final TrainConfig config;

    public OfflineTraining(TrainConfig config) {
        this.config = config;
    }

    /**
     * Trains, writes the model and evaluates it.
     *
     * @throws IOException if the data set or the model cannot be read, or the result cannot be written
     * @throws IllegalArgumentException if the settings name what is not there, with what there is
     */
    public TrainReport run(TrainProgress progress) throws IOException {
        if (!java.nio.file.Files.isDirectory(config.dataset())) {
            throw new java.nio.file.NoSuchFileException(config.dataset().toString());
        }
        throw new UnsupportedOperationException("training with " + config.method() + " is built next");
    }
}
