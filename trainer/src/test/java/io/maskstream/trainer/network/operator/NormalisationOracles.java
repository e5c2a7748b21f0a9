package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.ints;
import static io.maskstream.segmentation.graph.Attributes.real;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Normalisations, in use and in training. */
final class NormalisationOracles {
    private NormalisationOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                OracleEntry.of("BatchNormalization", draw -> batch(draw, 1)).form("in use"),
                OracleEntry.of("BatchNormalization", draw -> {
                            draw.inTraining();
                            return batch(draw, 1);
                        })
                        .form("in training"),
                OracleEntry.of("BatchNormalization", draw -> batch(draw, 3, integer("training_mode", 1)))
                        .form("training_mode")
                        .opsets(14, Operator.LAST_OPSET),
                OracleEntry.of("InstanceNormalization", NormalisationOracles::instance),
                OracleEntry.of("GroupNormalization", NormalisationOracles::group),
                OracleEntry.of("LayerNormalization", NormalisationOracles::layer),
                OracleEntry.of("LpNormalization", NormalisationOracles::norm),
                OracleEntry.of("LRN", NormalisationOracles::localResponse),
                OracleEntry.of("MeanVarianceNormalization", NormalisationOracles::meanVariance),
                OracleEntry.of("Dropout", draw -> dropout(draw, 1)).form("in use"),
                OracleEntry.of("Dropout", draw -> dropout(draw, 2)).form("with its mask"),
                OracleEntry.of("Dropout", draw -> {
                            draw.inTraining();
                            return dropout(draw, 1);
                        })
                        .form("in training"));
    }

    private static void epsilon(Draw draw, List<AttributeProto> given) {
        if (draw.chance()) {
            given.add(real("epsilon", draw.real(1e-4, 1e-2)));
        }
    }

    private static String batch(Draw draw, int outputs, AttributeProto... attributes) {
        List<AttributeProto> given = new ArrayList<>(List.of(attributes));
        epsilon(draw, given);
        if (draw.chance()) {
            given.add(real("momentum", draw.real(0.5, 0.95)));
        }
        long channels = draw.between(1, 4);
        boolean flat = outputs == 1 && draw.between(0, 4) == 0;
        long[] shape = flat ? new long[] {5, channels} : Windowing.shape(draw, channels, draw.between(1, 3), 2, 4);
        List<String> inputs = new ArrayList<>(List.of(draw.noise(shape)));
        inputs.add(draw.noise(new long[] {channels}));
        inputs.add(draw.noise(new long[] {channels}));
        float[] mean = new float[(int) channels];
        float[] variance = new float[(int) channels];
        for (int c = 0; c < channels; c++) {
            mean[c] = (float) draw.real(-1, 1);
            variance[c] = (float) draw.real(0.3, 2);
        }
        inputs.add(draw.constant(mean, channels)); // running statistics do not learn
        inputs.add(draw.constant(variance, channels));
        List<String> all = draw.nodes("BatchNormalization", outputs, inputs, given.toArray(AttributeProto[]::new));
        draw.compare(all);
        return all.get(0);
    }

    private static String instance(Draw draw) {
        List<AttributeProto> given = new ArrayList<>();
        epsilon(draw, given);
        long channels = draw.between(1, 4);
        String x = draw.noise(Windowing.shape(draw, channels, draw.between(1, 3), 2, 5));
        String scale = draw.noise(new long[] {channels});
        String bias = draw.noise(new long[] {channels});
        return draw.node("InstanceNormalization", List.of(x, scale, bias), given.toArray(AttributeProto[]::new));
    }

    private static String group(Draw draw) {
        List<AttributeProto> given = new ArrayList<>();
        epsilon(draw, given);
        long groups = draw.between(1, 3);
        long channels = groups * draw.between(1, 3);
        given.add(integer("num_groups", groups));
        long size = draw.opset() < 21 ? groups : channels;
        String x = draw.noise(Windowing.shape(draw, channels, draw.between(1, 3), 2, 4));
        String scale = draw.noise(new long[] {size});
        String bias = draw.noise(new long[] {size});
        return draw.node("GroupNormalization", List.of(x, scale, bias), given.toArray(AttributeProto[]::new));
    }

    private static String layer(Draw draw) {
        List<AttributeProto> given = new ArrayList<>();
        epsilon(draw, given);
        long[] shape = draw.integers(draw.between(2, 4), 2, 5);
        int axis = draw.between(1, shape.length - 1);
        boolean leftOut = axis == shape.length - 1 && draw.chance();
        if (!leftOut) {
            given.add(integer("axis", draw.chance() ? axis : axis - shape.length));
        }
        long[] normalised = Arrays.copyOfRange(shape, axis, shape.length);
        long[] scale = normalised.clone();
        if (draw.between(0, 3) == 0 && scale.length > 1) {
            scale[0] = 1; // broadcast
        }
        List<String> inputs = new ArrayList<>(List.of(draw.noise(shape), draw.noise(scale)));
        if (draw.chance()) {
            inputs.add(draw.noise(scale));
        }
        List<String> outputs =
                draw.nodes("LayerNormalization", draw.any(1, 1, 3), inputs, given.toArray(AttributeProto[]::new));
        draw.compare(outputs);
        return outputs.get(0);
    }

    private static String norm(Draw draw) {
        long[] shape = draw.shape(draw.between(1, 4), 5);
        List<AttributeProto> given = new ArrayList<>();
        if (draw.chance()) {
            given.add(integer("p", draw.between(1, 2)));
        }
        if (draw.chance()) {
            given.add(integer("axis", draw.between(-shape.length, shape.length - 1)));
        }
        return draw.node("LpNormalization", List.of(draw.noise(shape, 0)), given.toArray(AttributeProto[]::new));
    }

    private static String localResponse(Draw draw) {
        List<AttributeProto> given = new ArrayList<>(List.of(integer("size", draw.any(1, 3, 5))));
        if (draw.chance()) {
            given.add(real("alpha", draw.real(0.01, 1)));
            given.add(real("beta", draw.real(0.3, 1.2)));
            given.add(real("bias", draw.real(0.5, 2)));
        }
        String x = draw.noise(Windowing.shape(draw, draw.between(1, 6), 2, 1, 4));
        return draw.node("LRN", List.of(x), given.toArray(AttributeProto[]::new));
    }

    private static String meanVariance(Draw draw) {
        String x = draw.noise(Windowing.shape(draw, draw.between(1, 3), 2, 2, 5));
        return draw.chance()
                ? draw.node("MeanVarianceNormalization", List.of(x))
                : draw.node(
                        "MeanVarianceNormalization",
                        List.of(x),
                        ints("axes", draw.any(new long[] {2, 3}, new long[] {0, 1, 2, 3}, new long[] {0, 2, 3})));
    }

    private static String dropout(Draw draw, int outputs) {
        List<String> inputs = new ArrayList<>(List.of(draw.noise(draw.shape(draw.between(1, 4), 6))));
        List<AttributeProto> given = new ArrayList<>();
        double ratio = draw.real(0.1, 0.7);
        if (draw.opset() < 12 && draw.chance()) {
            given.add(real("ratio", ratio));
        } else if (draw.opset() >= 12) {
            if (draw.chance()) {
                inputs.add(draw.constant(new float[] {(float) ratio}));
            }
            if (draw.chance()) {
                given.add(integer("seed", 3));
            }
        }
        List<String> all = draw.nodes("Dropout", outputs, inputs, given.toArray(AttributeProto[]::new));
        draw.compare(all);
        return all.get(0);
    }
}
