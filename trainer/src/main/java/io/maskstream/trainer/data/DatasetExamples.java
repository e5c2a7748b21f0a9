package io.maskstream.trainer.data;

import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.image.Resampling;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The items of a data set as examples in memory, each decoded and resized once. */
public final class DatasetExamples {
    private DatasetExamples() {}

    /** Returns the ids of a split's items that have a mask. */
    public static List<String> labelled(Dataset dataset, String split) throws IOException {
        return dataset.items(split).stream()
                .filter(DatasetItem::isLabelled)
                .map(DatasetItem::id)
                .toList();
    }

    /** Reads the items of a split whose ids are given, with their masks. */
    public static Examples withMasks(Dataset dataset, String split, Collection<String> ids, int height, int width)
            throws IOException {
        Set<String> wanted = Set.copyOf(ids);
        List<Example> examples = new ArrayList<>();
        for (DatasetItem item : dataset.items(split)) {
            if (wanted.contains(item.id())) {
                Mask mask = Resampling.nearest(item.readMask(dataset.classes()), height, width);
                examples.add(new Example(item.id(), image(item, height, width), mask));
            }
        }
        return Examples.of(examples);
    }

    /** Reads the items of a split whose ids are not given, as if they had no mask. */
    public static Examples withoutMasks(Dataset dataset, String split, Collection<String> except, int height, int width)
            throws IOException {
        Set<String> left = Set.copyOf(except);
        List<Example> examples = new ArrayList<>();
        for (DatasetItem item : dataset.items(split)) {
            if (!left.contains(item.id())) {
                examples.add(new Example(item.id(), image(item, height, width), null));
            }
        }
        return Examples.of(examples);
    }

    /** Reads the masks that items of a split have, by id. */
    public static Map<String, Mask> masks(Dataset dataset, String split, Set<String> ids, int height, int width)
            throws IOException {
        Map<String, Mask> masks = new HashMap<>();
        for (DatasetItem item : dataset.items(split)) {
            if (ids.contains(item.id()) && item.isLabelled()) {
                masks.put(item.id(), Resampling.nearest(item.readMask(dataset.classes()), height, width));
            }
        }
        return masks;
    }

    private static RgbImage image(DatasetItem item, int height, int width) throws IOException {
        return Resampling.bilinear(item.readImage(), height, width);
    }
}
