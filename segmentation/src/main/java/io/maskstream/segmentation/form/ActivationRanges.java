package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.PreparedImage;
import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What range the values of a graph have on calibration images.
 *
 * <p>The images are run twice: once for the extremes, once for a histogram between them.
 */
final class ActivationRanges {
    private static final int BINS = 2048;

    private ActivationRanges() {}

    private static final class Seen {
        private double low = Double.POSITIVE_INFINITY;
        private double high = Double.NEGATIVE_INFINITY;
        private final long[] bins = new long[BINS];

        void widen(FloatBuffer values) {
            while (values.hasRemaining()) {
                float value = values.get();
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }

        void count(FloatBuffer values) {
            double perUnit = high > low ? BINS / (high - low) : 0;
            while (values.hasRemaining()) {
                bins[Math.min(BINS - 1, (int) ((values.get() - low) * perUnit))]++;
            }
        }
    }

    /**
     * Measures.
     *
     * @param model a graph with one picture as its input
     * @param picture the name of that input
     * @param values names of float values; the picture may be one of them
     * @param images at least one
     * @throws ModelFormatException if ONNX Runtime refuses the graph or a value is no number
     */
    static Map<String, Affine> measure(
            ModelProto model, String picture, Collection<String> values, List<PreparedImage> images, RangeRule rule)
            throws ModelFormatException {
        Map<String, Seen> seen = new HashMap<>();
        values.forEach(value -> seen.put(value, new Seen()));
        try (OrtSession session = GraphProbe.open(withOutputs(model, picture, values), true)) {
            for (PreparedImage image : images) {
                run(session, picture, image, seen, Seen::widen);
            }
            for (Map.Entry<String, Seen> entry : seen.entrySet()) {
                if (!Double.isFinite(entry.getValue().low) || !Double.isFinite(entry.getValue().high)) {
                    throw new ModelFormatException("the value '" + entry.getKey()
                            + "' is not finite on the calibration images; the model's weights are broken");
                }
            }
            for (PreparedImage image : images) {
                run(session, picture, image, seen, Seen::count);
            }
        } catch (OrtException e) {
            throw new ModelFormatException("ONNX Runtime fails on a calibration image: " + e.getMessage(), e);
        }
        Map<String, Affine> grids = new HashMap<>();
        seen.forEach((value, range) -> {
            double[] chosen = rule.choose(range.low, range.high, range.bins);
            grids.put(value, Affine.over(chosen[0], chosen[1]));
        });
        return grids;
    }

    private interface Look {
        void at(Seen seen, FloatBuffer values);
    }

    private static void run(OrtSession session, String picture, PreparedImage image, Map<String, Seen> seen, Look look)
            throws OrtException {
        try (OnnxTensor input = GraphProbe.tensor(image);
                OrtSession.Result result = session.run(Map.of(picture, input))) {
            for (Map.Entry<String, Seen> entry : seen.entrySet()) {
                OnnxTensor value = entry.getKey().equals(picture)
                        ? input
                        : (OnnxTensor) Objects.requireNonNull(
                                result.get(entry.getKey()).orElse(null));
                look.at(entry.getValue(), value.getFloatBuffer());
            }
        }
    }

    private static ModelProto withOutputs(ModelProto model, String picture, Collection<String> values) {
        ModelProto.Builder open = model.toBuilder();
        List<String> outputs = model.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .toList();
        for (String value : values) {
            if (!value.equals(picture) && !outputs.contains(value)) {
                open.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName(value));
            }
        }
        return open.build();
    }
}
