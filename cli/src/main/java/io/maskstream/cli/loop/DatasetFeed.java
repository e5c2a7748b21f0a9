package io.maskstream.cli.loop;

import io.maskstream.ingest.NewImage;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.mask.Mask;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Labelled images of a data set, in a given order. */
public final class DatasetFeed implements ImageFeed {
    private final Dataset dataset;
    private final List<DatasetItem> items;
    private final Map<String, DatasetItem> byDigest = new ConcurrentHashMap<>();

    /** @param items of the data set, each with a mask */
    public DatasetFeed(Dataset dataset, List<DatasetItem> items) {
        this.dataset = dataset;
        this.items = List.copyOf(items);
    }

    @Override
    public ClassList classes() {
        return dataset.classes();
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public NewImage image(int index) throws IOException {
        DatasetItem item = items.get(index);
        byte[] bytes = item.imageBytes();
        byDigest.put(Digests.sha256(bytes), item);
        return NewImage.of(item.id(), bytes, dataset.name());
    }

    @Override
    public Optional<Mask> maskOf(String imageId, String sha256) throws IOException {
        DatasetItem item = byDigest.get(sha256);
        return item == null ? Optional.empty() : Optional.of(item.readMask(dataset.classes()));
    }

    /** Returns the mask of an image by its place. */
    public Mask mask(int index) throws IOException {
        return items.get(index).readMask(dataset.classes());
    }
}
