package io.maskstream.cli;

import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.IntStream;

/** The labelled images of a data set's split, read from disk one at a time. */
public final class DatasetExamples implements Examples {
    private final Dataset dataset;
    private final List<DatasetItem> items;

    /**
     * Takes all of a split.
     *
     * @throws IllegalArgumentException if there is no such split, or no mask in it
     */
    public DatasetExamples(Dataset dataset, String split) {
        this(dataset, split, 1);
    }

    /**
     * Takes the first labelled image of a split and every so manieth after it.
     *
     * @throws IllegalArgumentException if there is no such split, or no mask in it
     */
    public DatasetExamples(Dataset dataset, String split, int every) {
        if (every < 1) {
            throw new IllegalArgumentException("every image is 1, every fourth is 4, found " + every);
        }
        this.dataset = dataset;
        List<DatasetItem> labelled =
                dataset.items(split).stream().filter(DatasetItem::isLabelled).toList();
        this.items = IntStream.range(0, labelled.size())
                .filter(index -> index % every == 0)
                .mapToObj(labelled::get)
                .toList();
        if (items.isEmpty()) {
            throw new IllegalArgumentException("the split " + split + " of " + dataset.name() + " has no masks");
        }
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public Example get(int index) {
        DatasetItem item = items.get(index);
        try {
            return new Example(item.id(), item.readImage(), item.readMask(dataset.classes()));
        } catch (IOException e) {
            throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
        }
    }
}
