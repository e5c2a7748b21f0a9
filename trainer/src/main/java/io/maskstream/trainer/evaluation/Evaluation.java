package io.maskstream.trainer.evaluation;

import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.segmentation.image.Resampling;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.metric.Bootstrap;
import io.maskstream.segmentation.metric.BoundaryIou;
import io.maskstream.segmentation.metric.CalibrationError;
import io.maskstream.segmentation.metric.ConfusionMatrix;
import io.maskstream.segmentation.metric.Interval;
import io.maskstream.segmentation.metric.SegmentationMetrics;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.ModelOutput;
import io.maskstream.segmentation.model.PreparedImage;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures a model on annotations.
 *
 * <p>The exported model runs in ONNX Runtime at its own input size; images are resized with antialiasing, masks to the
 * nearest pixel, and compared at that size. Gate, command line and loop all use this, so their figures agree.
 */
public final class Evaluation {
    /** Seed of the intervals, so that equal predictions give equal reports. */
    public static final long SEED = 20_130_617;

    private static final int BATCH = 8;

    private Evaluation() {}

    /**
     * Evaluates a model on examples, all of which have a mask.
     *
     * @throws IllegalArgumentException if there is no example
     */
    public static EvaluationResult of(InferenceModel model, Examples examples) {
        if (examples.size() == 0) {
            throw new IllegalArgumentException("there is no annotation to evaluate on");
        }
        long start = System.nanoTime();
        ClassList classes = model.metadata().classes();
        List<ConfusionMatrix> perImage = new ArrayList<>();
        ConfusionMatrix sum = ConfusionMatrix.empty(classes.size());
        BoundaryIou boundary = BoundaryIou.empty(classes.size());
        CalibrationError calibration = CalibrationError.empty(CalibrationError.DEFAULT_BINS);
        for (int from = 0; from < examples.size(); from += BATCH) {
            List<Mask> truths = new ArrayList<>();
            List<PreparedImage> images = new ArrayList<>();
            for (int i = from; i < Math.min(examples.size(), from + BATCH); i++) {
                Example example = examples.get(i);
                PreparedImage image = model.prepare(example.image()).answeredAtModelSize();
                images.add(image);
                truths.add(Resampling.nearest(example.requireMask(), image.height(), image.width()));
            }
            List<ModelOutput> outputs = model.runPrepared(images);
            for (int i = 0; i < outputs.size(); i++) {
                Mask truth = truths.get(i);
                Mask predicted = outputs.get(i).mask();
                ConfusionMatrix matrix = ConfusionMatrix.of(classes.size(), truth, predicted);
                perImage.add(matrix);
                sum = sum.plus(matrix);
                boundary = boundary.plus(BoundaryIou.of(classes.size(), truth, predicted));
                calibration = calibration.plus(
                        CalibrationError.of(truth, predicted, outputs.get(i).confidence()));
            }
        }
        SegmentationMetrics metrics = SegmentationMetrics.of(sum);
        Interval interval = Bootstrap.miou(perImage, SEED);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new EvaluationResult(
                new EvaluationReport(
                        examples.size(),
                        metrics.pixelAccuracy(),
                        metrics.meanAccuracy(),
                        metrics.miou(),
                        interval.low(),
                        interval.high(),
                        metrics.weightedIou(),
                        boundary.mean(),
                        calibration.ece(),
                        byName(classes, metrics.perClassIou()),
                        byName(classes, metrics.perClassAccuracy()),
                        model.metadata().version(),
                        seconds),
                perImage);
    }

    /**
     * Evaluates a model on a split of a data set.
     *
     * @param model a released model, as {@code train} writes it
     * @param folder of the data set
     * @param split such as {@code val}; items without a mask are passed over
     * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}
     * @throws IOException if the data set or the model cannot be read
     * @throws IllegalArgumentException if the split has no masks or the classes differ
     */
    public static EvaluationReport ofDataset(Path model, Path folder, String split, String device) throws IOException {
        return resultOnDataset(model, folder, split, device).report();
    }

    /** As {@link #ofDataset}, with what a comparison with another model needs. */
    public static EvaluationResult resultOnDataset(Path model, Path folder, String split, String device)
            throws IOException {
        Dataset dataset = Datasets.open(folder);
        try (InferenceModel deployed = InferenceModel.open(model, Device.parse(device))) {
            ModelMetadata metadata = deployed.metadata();
            if (!metadata.classes().names().equals(dataset.classes().names())) {
                throw new IllegalArgumentException("the model tells "
                        + metadata.classes().names() + " apart, the data set "
                        + dataset.classes().names());
            }
            List<DatasetItem> items = dataset.items(split).stream()
                    .filter(DatasetItem::isLabelled)
                    .toList();
            return of(deployed, read(items, dataset.classes()));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Reads items one at a time. */
    private static Examples read(List<DatasetItem> items, ClassList classes) {
        return new Examples() {
            @Override
            public int size() {
                return items.size();
            }

            @Override
            public Example get(int index) {
                DatasetItem item = items.get(index);
                try {
                    return new Example(item.id(), item.readImage(), item.readMask(classes));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    private static Map<String, Double> byName(ClassList classes, double[] values) {
        Map<String, Double> byName = new LinkedHashMap<>();
        for (int c = 0; c < values.length; c++) {
            if (!Double.isNaN(values[c])) {
                byName.put(classes.name(c), values[c]);
            }
        }
        return byName;
    }
}
