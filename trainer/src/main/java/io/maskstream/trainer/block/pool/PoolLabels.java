package io.maskstream.trainer.block.pool;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * Stored labels of images of the pool, by index; three bytes a pixel.
 *
 * @param byImage in the order of the indices
 */
public record PoolLabels(SortedMap<Integer, StoredLabel> byImage) {
    /** No label. */
    public static final PoolLabels NONE = new PoolLabels(new TreeMap<>());

    public PoolLabels {
        byImage = Collections.unmodifiableSortedMap(new TreeMap<>(byImage));
    }

    /** Returns the indices of the images that have a label. */
    public List<Integer> images() {
        return List.copyOf(byImage.keySet());
    }

    /** Returns the label of an image that has one. */
    public StoredLabel of(int image) {
        StoredLabel label = byImage.get(image);
        if (label == null) {
            throw new IllegalArgumentException("image " + image + " of the pool has no stored label");
        }
        return label;
    }

    /** Returns labels changed one by one. */
    public PoolLabels changed(BiFunction<Integer, StoredLabel, StoredLabel> change) {
        SortedMap<Integer, StoredLabel> changed = new TreeMap<>();
        byImage.forEach((image, label) -> changed.put(image, change.apply(image, label)));
        return new PoolLabels(changed);
    }

    /** Returns the labels of some images. */
    public PoolLabels only(Collection<Integer> images) {
        SortedMap<Integer, StoredLabel> left = new TreeMap<>();
        images.forEach(image -> left.put(image, of(image)));
        return new PoolLabels(left);
    }

    /** Returns these labels, and the other's for images that have none here. */
    public PoolLabels and(PoolLabels other) {
        SortedMap<Integer, StoredLabel> all = new TreeMap<>(other.byImage);
        all.putAll(byImage);
        return new PoolLabels(all);
    }

    @Override
    public String toString() {
        return "PoolLabels" + byImage.keySet();
    }
}
