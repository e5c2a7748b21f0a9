package io.maskstream.trainer.bench;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.OperationCount;
import io.maskstream.segmentation.model.PreparedImage;
import io.maskstream.segmentation.model.zoo.StartingModels;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What a starting model costs.
 *
 * @param parameters values that learn
 * @param multiplyAccumulates of one picture
 * @param stepSeconds a step of training, the median
 * @param imagesPerSecond through ONNX Runtime with the pseudo-label head, prepared pictures in batches, the median
 */
public record ModelFigures(
        String name, long parameters, long multiplyAccumulates, double stepSeconds, double imagesPerSecond) {

    /** Measures a starting model. */
    public static ModelFigures measure(String name, TrainerBench.Settings settings) throws ModelFormatException {
        ModelProto model =
                StartingModels.named(name).build(TrainerBench.CLASSES, settings.height(), settings.width(), 1);
        OperationCount count = OperationCount.of(model, settings.height(), settings.width());
        return new ModelFigures(
                name,
                count.parameters(),
                count.multiplyAccumulates(),
                TrainerBench.stepSeconds(model, settings),
                imagesPerSecond(model, settings));
    }

    private static double imagesPerSecond(ModelProto model, TrainerBench.Settings settings)
            throws ModelFormatException {
        byte[] pixels = new byte[3 * settings.height() * settings.width()];
        new Random(1).nextBytes(pixels);
        try (InferenceModel inference = InferenceModel.of(model, settings.device(), 0)) {
            PreparedImage image =
                    inference.prepare(new RgbImage(settings.height(), settings.width(), Bytes.wrap(pixels)));
            List<PreparedImage> batch = Collections.nCopies(settings.batch(), image);
            double[] seconds = new double[settings.steps()];
            for (int run = -settings.warmUp(); run < seconds.length; run++) {
                long start = System.nanoTime();
                inference.runPrepared(batch);
                if (run >= 0) {
                    seconds[run] = (System.nanoTime() - start) / 1e9;
                }
            }
            return settings.batch() / TrainerBench.median(seconds);
        }
    }
}
