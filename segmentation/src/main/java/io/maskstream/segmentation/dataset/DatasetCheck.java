package io.maskstream.segmentation.dataset;

import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.mask.Mask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What reading a whole data set found.
 *
 * @param splits figures of each split
 * @param problems one line for each picture or mask that does not fit, and for each picture in two splits
 */
public record DatasetCheck(Map<String, SplitFigures> splits, List<String> problems) {

    /**
     * What one split holds.
     *
     * @param images pictures that could be read
     * @param labelled of these, pictures with a mask that could be read
     * @param pixelsByClass labelled pixels of every class, also those with none
     * @param ignoredPixels pixels of masks that say nothing
     */
    public record SplitFigures(int images, int labelled, Map<String, Long> pixelsByClass, long ignoredPixels) {
        public SplitFigures {
            pixelsByClass = Collections.unmodifiableMap(new LinkedHashMap<>(pixelsByClass));
        }
    }

    public DatasetCheck {
        splits = Collections.unmodifiableMap(new LinkedHashMap<>(splits));
        problems = List.copyOf(problems);
    }

    /** Says whether all fits. */
    public boolean isClean() {
        return problems.isEmpty();
    }

    static DatasetCheck of(Dataset dataset) {
        Map<String, SplitFigures> splits = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        Map<String, String> splitOfId = new HashMap<>();
        for (String split : dataset.splits()) {
            for (DatasetItem item : dataset.items(split)) {
                String other = splitOfId.putIfAbsent(item.id(), split);
                if (other != null) {
                    problems.add("picture '" + item.id() + "' is in split " + other + " and in split " + split
                            + ": what is learned from cannot be measured on");
                }
            }
            splits.put(split, figures(dataset.classes(), dataset.items(split), problems));
        }
        return new DatasetCheck(splits, problems);
    }

    private static SplitFigures figures(ClassList classes, List<DatasetItem> items, List<String> problems) {
        long[] pixels = new long[Mask.IGNORE + 1];
        int images = 0;
        int labelled = 0;
        for (DatasetItem item : items) {
            try {
                item.readImage();
                images++;
                if (item.isLabelled()) {
                    Mask mask = item.readMask(classes);
                    for (int i = 0; i < mask.classes().length(); i++) {
                        pixels[mask.classes().at(i)]++;
                    }
                    labelled++;
                }
            } catch (IOException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        Map<String, Long> byClass = new LinkedHashMap<>();
        for (int c = 0; c < classes.size(); c++) {
            byClass.put(classes.name(c), pixels[c]);
        }
        return new SplitFigures(images, labelled, byClass, pixels[Mask.IGNORE]);
    }
}
