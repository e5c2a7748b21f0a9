package io.maskstream.segmentation.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.Resampling;
import io.maskstream.segmentation.mask.ConfidenceMap;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.ModelOutput.ClassCount;
import io.maskstream.segmentation.model.ModelOutput.RegionGrid;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what the {@link PseudoLabelHead} gave and brings it back to each picture's own size. */
final class HeadOutputs {
    private final ModelMetadata metadata;
    private final int height;
    private final int width;
    private final int rows;
    private final int columns;
    private final ByteBuffer mask;
    private final ByteBuffer confidence;
    private final ByteBuffer regions;
    private final FloatBuffer scores;
    private final IntBuffer pixels;
    private final IntBuffer histogram;

    private HeadOutputs(OrtSession.Result result, ModelMetadata metadata) throws OrtException {
        this.metadata = metadata;
        OnnxTensor grid = tensor(result, "regions");
        long[] shape = grid.getInfo().getShape(); // [N, rows, columns]
        this.rows = Math.toIntExact(shape[1]);
        this.columns = Math.toIntExact(shape[2]);
        this.regions = grid.getByteBuffer();
        OnnxTensor classes = tensor(result, "mask");
        long[] size = classes.getInfo().getShape(); // [N, height, width], smaller than the picture in some graphs
        this.height = Math.toIntExact(size[1]);
        this.width = Math.toIntExact(size[2]);
        this.mask = classes.getByteBuffer();
        this.confidence = tensor(result, "confidence").getByteBuffer();
        this.scores = tensor(result, "scores").getFloatBuffer();
        this.pixels = tensor(result, "class_pixels").getIntBuffer();
        this.histogram = tensor(result, "class_confidence").getIntBuffer();
    }

    static List<ModelOutput> read(OrtSession.Result result, List<PreparedImage> images, ModelMetadata metadata)
            throws OrtException {
        HeadOutputs outputs = new HeadOutputs(result, metadata);
        List<ModelOutput> answers = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            answers.add(outputs.answer(i, images.get(i)));
        }
        return answers;
    }

    /** Checks what a run on one picture gave: shapes and types, not values. */
    static void requireShapes(OrtSession.Result result, ModelMetadata metadata) throws ModelFormatException {
        int classes = metadata.classes().size();
        requireShape(result, "scores", 1, PseudoLabelHead.SCORES.size());
        requireShape(result, "class_pixels", 1, classes);
        requireShape(result, "class_confidence", 1, classes, PseudoLabelHead.BINS);
    }

    private static void requireShape(OrtSession.Result result, String name, long... expected)
            throws ModelFormatException {
        long[] found = tensor(result, name).getInfo().getShape();
        if (!Arrays.equals(found, expected)) {
            throw new ModelFormatException("the model gives '" + name + "' as " + Arrays.toString(found) + "; expected "
                    + Arrays.toString(expected) + " by its classes");
        }
    }

    private ModelOutput answer(int index, PreparedImage image) {
        Mask classes = new Mask(height, width, bytes(mask, index, height * width));
        ConfidenceMap certainty = new ConfidenceMap(height, width, bytes(confidence, index, height * width));
        boolean sameSize = height == image.originalHeight() && width == image.originalWidth();
        return new ModelOutput(
                sameSize ? classes : Resampling.nearest(classes, image.originalHeight(), image.originalWidth()),
                sameSize ? certainty : Resampling.bilinear(certainty, image.originalHeight(), image.originalWidth()),
                scores(index),
                figures(index),
                new RegionGrid(rows, columns, bytes(regions, index, rows * columns)));
    }

    private Map<String, Double> scores(int index) {
        Map<String, Double> byName = new LinkedHashMap<>();
        int count = PseudoLabelHead.SCORES.size();
        for (int s = 0; s < count; s++) {
            double score = scores.get(index * count + s);
            if (!(score >= 0 && score <= 1)) {
                throw new ModelRunException("the model " + metadata.version() + " gave the "
                        + PseudoLabelHead.SCORES.get(s) + " score " + score
                        + ", which is not in [0, 1]; its weights or its input are broken");
            }
            byName.put(PseudoLabelHead.SCORES.get(s), score);
        }
        return byName;
    }

    private List<ClassCount> figures(int index) {
        int classes = metadata.classes().size();
        List<ClassCount> present = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            int count = pixels.get(index * classes + c);
            if (count > 0) {
                List<Integer> bins = new ArrayList<>(PseudoLabelHead.BINS);
                for (int b = 0; b < PseudoLabelHead.BINS; b++) {
                    bins.add(histogram.get((index * classes + c) * PseudoLabelHead.BINS + b));
                }
                present.add(new ClassCount(c, count, bins));
            }
        }
        return present;
    }

    private static Bytes bytes(ByteBuffer all, int index, int length) {
        byte[] plane = new byte[length];
        all.get(index * length, plane);
        return Bytes.wrap(plane);
    }

    private static OnnxTensor tensor(OrtSession.Result result, String name) {
        OnnxValue value = result.get(name).orElseThrow(() -> new ModelRunException("the model gave no '" + name + "'"));
        return (OnnxTensor) value;
    }
}
