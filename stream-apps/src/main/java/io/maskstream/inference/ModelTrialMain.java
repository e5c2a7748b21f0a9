package io.maskstream.inference;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The process of a {@link ModelTrial}: opens a model and runs two batches of noise through it.
 *
 * <p>Arguments: model file, device, threads, images a batch. Ends with 0 if every output holds, with 3 and the reason on
 * the error stream if not; a graph that crashes native code takes this process down and nothing else.
 */
final class ModelTrialMain {
    static final int REFUSED = 3;
    private static final long SEED = 20240229;

    private ModelTrialMain() {}

    public static void main(String[] arguments) {
        int threads = Integer.parseInt(arguments[2]);
        int images = Integer.parseInt(arguments[3]);
        try (InferenceModel model = InferenceModel.open(Path.of(arguments[0]), Device.parse(arguments[1]), threads)) {
            check(model, 1);
            check(model, images);
            System.out.println("ran " + model.metadata().version() + " on " + model.device());
        } catch (IOException | RuntimeException e) {
            System.err.println(e.getMessage());
            System.exit(REFUSED);
        }
    }

    private static void check(InferenceModel model, int images) {
        int classes = model.metadata().classes().size();
        int height = model.metadata().input().height();
        int width = model.metadata().input().width();
        List<RgbImage> batch = noise(images, height, width);
        for (ModelOutput output : model.run(batch)) {
            Mask mask = output.mask();
            if (mask.height() != height || mask.width() != width) {
                throw new IllegalStateException("an image of " + height + "x" + width + " px got a mask of "
                        + mask.height() + "x" + mask.width());
            }
            for (int i = 0; i < mask.classes().length(); i++) {
                if (mask.classes().at(i) >= classes) {
                    throw new IllegalStateException("a model of " + classes + " classes gave class "
                            + mask.classes().at(i));
                }
            }
        }
    }

    /** Returns pictures of noise, the same for equal arguments. */
    static List<RgbImage> noise(int images, int height, int width) {
        Random random = new Random(SEED);
        List<RgbImage> batch = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            byte[] pixels = new byte[3 * height * width];
            random.nextBytes(pixels);
            batch.add(new RgbImage(height, width, Bytes.wrap(pixels)));
        }
        return batch;
    }
}
