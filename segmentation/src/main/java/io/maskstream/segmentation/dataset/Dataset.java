package io.maskstream.segmentation.dataset;

import io.maskstream.segmentation.mask.ClassList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pictures with masks, in named splits.
 *
 * @param name of the folder
 * @param classes what the masks tell apart, with their colours
 * @param itemsBySplit the pictures of each split, in the order of its list
 */
public record Dataset(String name, ClassList classes, Map<String, List<DatasetItem>> itemsBySplit) {
    public Dataset {
        Map<String, List<DatasetItem>> copy = new LinkedHashMap<>();
        itemsBySplit.forEach((split, items) -> copy.put(split, List.copyOf(items)));
        itemsBySplit = Collections.unmodifiableMap(copy);
    }

    /** Returns the names of the splits. */
    public List<String> splits() {
        return new ArrayList<>(itemsBySplit.keySet());
    }

    /** Says whether there is a split of that name. */
    public boolean hasSplit(String split) {
        return itemsBySplit.containsKey(split);
    }

    /** Returns the pictures of a split, or throws {@link IllegalArgumentException} with the splits there are. */
    public List<DatasetItem> items(String split) {
        List<DatasetItem> items = itemsBySplit.get(split);
        if (items == null) {
            throw new IllegalArgumentException(
                    "data set " + name + " has no split '" + split + "'; there are " + splits());
        }
        return items;
    }

    /** Reads every picture and mask, and tells what does not fit; takes as long as reading takes. */
    public DatasetCheck check() {
        return DatasetCheck.of(this);
    }
}
