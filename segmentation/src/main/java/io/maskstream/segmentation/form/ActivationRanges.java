package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.model.GraphRun;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.PreparedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
        List<String> inner =
                values.stream().filter(value -> !value.equals(picture)).toList();
        try (GraphRun run = GraphRun.of(model, inner)) {
            for (PreparedImage image : images) {
                look(run, picture, image, seen, Seen::widen);
            }
            for (Map.Entry<String, Seen> entry : seen.entrySet()) {
                if (!Double.isFinite(entry.getValue().low) || !Double.isFinite(entry.getValue().high)) {
                    throw new ModelFormatException("the value '" + entry.getKey()
                            + "' is not finite on the calibration images; the model's weights are broken");
                }
            }
            for (PreparedImage image : images) {
                look(run, picture, image, seen, Seen::count);
            }
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

    private static void look(GraphRun run, String picture, PreparedImage image, Map<String, Seen> seen, Look look)
            throws ModelFormatException {
        FloatBuffer buffer = ByteBuffer.allocateDirect(Math.multiplyExact(12, image.height() * image.width()))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        image.copyTo(buffer);
        buffer.flip();
        long[] shape = {1, 3, image.height(), image.width()};
        run.watch(buffer, shape, (name, tensor) -> at(seen.get(name), tensor.getFloatBuffer(), look));
        at(seen.get(picture), buffer.rewind(), look);
    }

    private static void at(@Nullable Seen seen, FloatBuffer values, Look look) {
        if (seen != null) {
            look.at(seen, values);
        }
    }
}
