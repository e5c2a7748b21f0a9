package io.maskstream.quality;

import io.maskstream.schemas.event.MeasuredImage;
import io.maskstream.schemas.event.ModelMetrics;
import io.maskstream.schemas.event.QualityArm;
import io.maskstream.segmentation.metric.Bootstrap;
import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.metric.Interval;
import io.maskstream.segmentation.metric.SegmentationMetrics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The newest measured images of the newest model versions, and the figures over them.
 *
 * <p>Rolling, so that a figure follows the stream; bounded, so that it never outgrows memory. Intervals are bootstraps
 * over images. Not safe for threads.
 */
final class RollingQuality {
    private static final long SEED = 20_260_301;

    private final int window;
    private final int versions;
    private final Map<Series, LinkedHashMap<String, MeasuredImage>> images = new HashMap<>();
    private final Map<String, Series> seriesOfImage = new HashMap<>();
    private final Map<String, Long> lastOfVersion = new HashMap<>();
    private long sequence;

    /** What one figure is over. */
    record Series(String modelVersion, QualityArm arm) {}

    /**
     * @param window images kept per version and arm
     * @param versions model versions kept
     */
    RollingQuality(int window, int versions) {
        this.window = window;
        this.versions = versions;
    }

    /**
     * What an image changed.
     *
     * @param kept the image with its place in the order
     * @param dropped ids of images that had to leave
     */
    record Change(MeasuredImage kept, List<String> dropped) {}

    /** Adds an image; one of the same id is replaced. */
    Change add(MeasuredImage image) {
        remove(image.getImageId());
        sequence = Math.max(sequence + 1, image.getSequence());
        MeasuredImage kept =
                MeasuredImage.newBuilder(image).setSequence(sequence).build();
        Series series = new Series(image.getModelVersion(), image.getArm());
        LinkedHashMap<String, MeasuredImage> line = images.computeIfAbsent(series, s -> new LinkedHashMap<>());
        line.put(kept.getImageId(), kept);
        seriesOfImage.put(kept.getImageId(), series);
        lastOfVersion.put(series.modelVersion(), sequence);

        List<String> dropped = new ArrayList<>();
        if (line.size() > window) {
            dropped.add(line.keySet().iterator().next());
        }
        if (lastOfVersion.size() > versions) {
            String oldest = lastOfVersion.entrySet().stream()
                    .min(Map.Entry.comparingByValue())
                    .orElseThrow()
                    .getKey();
            for (QualityArm arm : QualityArm.values()) {
                dropped.addAll(images.getOrDefault(new Series(oldest, arm), new LinkedHashMap<>())
                        .keySet());
            }
            lastOfVersion.remove(oldest);
        }
        dropped.forEach(this::remove);
        return new Change(kept, dropped);
    }

    /** Goes on from what was kept. */
    void restore(List<MeasuredImage> kept) {
        kept.stream()
                .sorted(Comparator.comparingLong(MeasuredImage::getSequence))
                .forEach(this::add);
    }

    /** Takes an image back, and returns what it counted for. */
    Optional<Series> remove(String imageId) {
        Series series = seriesOfImage.remove(imageId);
        if (series == null) {
            return Optional.empty();
        }
        LinkedHashMap<String, MeasuredImage> line = images.get(series);
        if (line != null) {
            line.remove(imageId);
            if (line.isEmpty()) {
                images.remove(series);
            }
        }
        return Optional.of(series);
    }

    /** Returns how many images are kept. */
    int size() {
        return seriesOfImage.size();
    }

    /** Says whether any image counts for the series. */
    boolean has(Series series) {
        return images.containsKey(series);
    }

    /** Returns the kept versions, the one measured last at the end. */
    List<String> versions() {
        return lastOfVersion.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Returns the figures of a series.
     *
     * @param names class names by id; a class beyond them is called by its number
     * @return empty if no image is left
     */
    Optional<ModelMetrics> figures(Series series, List<String> names) {
        LinkedHashMap<String, MeasuredImage> line = images.get(series);
        if (line == null) {
            return Optional.empty();
        }
        int classes = line.values().stream().mapToInt(MeasuredImage::getClasses).reduce(names.size(), Math::max);
        List<ConfusionMatrix> matrices = line.values().stream()
                .map(image -> MaskComparison.matrix(image, classes))
                .toList();
        SegmentationMetrics metrics =
                SegmentationMetrics.of(matrices.stream().reduce(ConfusionMatrix.empty(classes), ConfusionMatrix::plus));
        Interval interval = Bootstrap.miou(matrices, SEED);
        return Optional.of(ModelMetrics.newBuilder()
                .setImages(matrices.size())
                .setPixelAccuracy(metrics.pixelAccuracy())
                .setMeanAccuracy(metrics.meanAccuracy())
                .setMiou(metrics.miou())
                .setMiouLow(interval.low())
                .setMiouHigh(interval.high())
                .setWeightedIou(metrics.weightedIou())
                .setPerClassIou(byName(metrics.perClassIou(), names))
                .build());
    }

    private static Map<String, Double> byName(double[] values, List<String> names) {
        Map<String, Double> named = new TreeMap<>();
        for (int id = 0; id < values.length; id++) {
            if (!Double.isNaN(values[id])) {
                named.put(id < names.size() ? names.get(id) : "class " + id, values[id]);
            }
        }
        return named;
    }
}
