package io.maskstream.trainer.run;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.trainer.block.LabelSource;
import io.maskstream.trainer.block.PseudoLabel;
import io.maskstream.trainer.block.pool.PoolLabels;
import io.maskstream.trainer.block.pool.StoredLabel;
import io.maskstream.trainer.data.Draws;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.data.Shuffle;
import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Batches of examples as tensors, in an order that seed and step alone decide. */
final class BatchSource {
    private final Examples examples;
    private final @Nullable List<Integer> chosen;
    private final @Nullable PoolLabels labels;
    private final Map<String, Mask> truths;
    private final Shuffle shuffle;
    private final TrainingSettings settings;
    private final Device device;

    /**
     * @param chosen indices of the examples that are seen, repeated as often as they count; null for all
     * @param labels stored labels in place of the examples' own; null for none
     * @param truths masks by id that are shown beside the own labels
     * @param name of the stream, to draw its order
     */
    BatchSource(
            Examples examples,
            @Nullable List<Integer> chosen,
            @Nullable PoolLabels labels,
            Map<String, Mask> truths,
            TrainingSettings settings,
            String name,
            Device device) {
        this.examples = examples;
        this.chosen = chosen;
        this.labels = labels;
        this.truths = truths;
        this.shuffle = new Shuffle(chosen == null ? examples.size() : chosen.size(), Draws.mix(settings.seed(), name));
        this.settings = settings;
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
        List<StoredLabel> stored = new ArrayList<>();
        List<Mask> known = new ArrayList<>();
        for (int i = 0; i < settings.batch(); i++) {
            int drawn = shuffle.at(step * settings.batch() + i);
            int index = chosen == null ? drawn : chosen.get(drawn);
            Example example = examples.get(index);
            Mask mask = example.mask();
            images.add(example.image());
            masks.add(mask == null ? nothing(example.image()) : mask);
            if (labels != null) {
                stored.add(labels.of(index));
            }
            known.add(truths.getOrDefault(example.id(), nothing(example.image())));
        }
        PseudoLabel own = labels == null
                ? PseudoLabel.human(ImageTensors.masks(masks, device))
                : StoredLabel.batch(stored, new LabelSource("stored", "", settings.round()), device);
        return new Batch(
                ImageTensors.pixels(images, device),
                own,
                truths.isEmpty() ? null : PseudoLabel.human(ImageTensors.masks(known, device)));
    }

    private static Mask nothing(RgbImage image) {
        byte[] classes = new byte[image.height() * image.width()];
        Arrays.fill(classes, (byte) Mask.IGNORE);
        return new Mask(image.height(), image.width(), Bytes.wrap(classes));
    }
}
