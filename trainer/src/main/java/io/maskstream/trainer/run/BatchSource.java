package io.maskstream.trainer.run;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.data.Draws;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.data.Shuffle;
import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Batches of examples as tensors, in an order that seed and step alone decide. */
final class BatchSource {
    private final Examples examples;
    private final Shuffle shuffle;
    private final int batch;
    private final Device device;

    BatchSource(Examples examples, int batch, long seed, String name, Device device) {
        this.examples = examples;
        this.shuffle = new Shuffle(examples.size(), Draws.mix(seed, name));
        this.batch = batch;
        this.device = device;
    }

    /**
     * A batch, in the caller's pointer scope.
     *
     * @param pixels {@code [N, 3, H, W]} in [0, 255]
     * @param own the labels that came with the images; all 255 where there is none
     * @param truth people's masks of images whose annotation is not learned from; null where they are not known
     */
    record Batch(Tensor pixels, PseudoLabel own, @Nullable PseudoLabel truth) {}

    /** Returns the batch of a step. */
    Batch batch(long step) {
        List<RgbImage> images = new ArrayList<>();
        List<Mask> masks = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            Example example = examples.get(shuffle.at(step * batch + i));
            Mask mask = example.mask();
            images.add(example.image());
            masks.add(mask == null ? nothing(example.image()) : mask);
        }
        return new Batch(
                ImageTensors.pixels(images, device), PseudoLabel.human(ImageTensors.masks(masks, device)), null);
    }

    private static Mask nothing(RgbImage image) {
        byte[] classes = new byte[image.height() * image.width()];
        Arrays.fill(classes, (byte) Mask.IGNORE);
        return new Mask(image.height(), image.width(), Bytes.wrap(classes));
    }
}
