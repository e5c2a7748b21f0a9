package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.graph.Attributes.integer;
import static io.maskstream.segmentation.graph.Attributes.real;
import static io.maskstream.segmentation.graph.Attributes.text;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.List;

/** Activations and shares of one, with their attributes given or left out by chance. */
final class ActivationOracles {
    private ActivationOracles() {}

    static List<OracleEntry> all() {
        return List.of(
                plain("Relu", 0),
                plain("Sigmoid"),
                plain("Tanh"),
                plain("Softplus"),
                plain("Softsign", 0),
                plain("HardSwish", -3, 3),
                plain("Mish"),
                with("LeakyRelu", 0.01, "alpha", 0),
                with("Elu", 1, "alpha", 0),
                with("Celu", 1, "alpha", 0),
                OracleEntry.of("Selu", ActivationOracles::selu),
                OracleEntry.of("ThresholdedRelu", ActivationOracles::thresholded),
                OracleEntry.of("HardSigmoid", ActivationOracles::hardSigmoid),
                OracleEntry.of("Shrink", ActivationOracles::shrink),
                OracleEntry.of("PRelu", ActivationOracles::sloped),
                OracleEntry.of("Clip", ActivationOracles::clip),
                OracleEntry.of("Gelu", ActivationOracles::gelu),
                alongAxis("Softmax"),
                alongAxis("LogSoftmax"),
                alongAxis("Hardmax"));
    }

    private static long[] shape(Draw draw) {
        return draw.shape(draw.between(1, 4), 5);
    }

    private static OracleEntry plain(String operator, double... kinks) {
        return OracleEntry.of(operator, draw -> draw.node(operator, List.of(draw.noise(shape(draw), kinks))));
    }

    private static OracleEntry with(String operator, double usual, String attribute, double... kinks) {
        return OracleEntry.of(operator, draw -> {
            List<AttributeProto> given = new ArrayList<>();
            maybe(draw, given, attribute, usual);
            String x = draw.noise(shape(draw), kinks);
            return draw.node(operator, List.of(x), given.toArray(AttributeProto[]::new));
        });
    }

    /** Gives an attribute or leaves it out; returns the value that holds. */
    private static double maybe(Draw draw, List<AttributeProto> given, String attribute, double usual) {
        if (draw.chance()) {
            return usual;
        }
        double value = draw.real(0.1, 1.5);
        given.add(real(attribute, value));
        return value;
    }

    private static String selu(Draw draw) {
        List<AttributeProto> given = new ArrayList<>();
        maybe(draw, given, "alpha", 0);
        maybe(draw, given, "gamma", 0);
        return draw.node("Selu", List.of(draw.noise(shape(draw), 0)), given.toArray(AttributeProto[]::new));
    }

    private static String thresholded(Draw draw) {
        List<AttributeProto> given = new ArrayList<>();
        double alpha = maybe(draw, given, "alpha", 1);
        String x = draw.noise(shape(draw), alpha);
        return draw.node("ThresholdedRelu", List.of(x), given.toArray(AttributeProto[]::new));
    }

    private static String hardSigmoid(Draw draw) {
        List<AttributeProto> given = new ArrayList<>();
        double alpha = maybe(draw, given, "alpha", 0.2);
        double beta = maybe(draw, given, "beta", 0.5);
        String x = draw.noise(shape(draw), -beta / alpha, (1 - beta) / alpha);
        return draw.node("HardSigmoid", List.of(x), given.toArray(AttributeProto[]::new));
    }

    private static String shrink(Draw draw) {
        List<AttributeProto> given = new ArrayList<>();
        maybe(draw, given, "bias", 0);
        double bound = maybe(draw, given, "lambd", 0.5);
        String x = draw.noise(shape(draw), -bound, bound);
        return draw.node("Shrink", List.of(x), given.toArray(AttributeProto[]::new));
    }

    private static String sloped(Draw draw) {
        long[] shape = shape(draw);
        long[] slope = draw.any(0, 1, 2) == 0 ? new long[] {1} : shape.clone();
        for (int d = 0; d < slope.length && slope.length == shape.length; d++) {
            slope[d] = draw.chance() ? 1 : slope[d];
        }
        return draw.node("PRelu", List.of(draw.noise(shape, 0), draw.noise(slope)));
    }

    private static String clip(Draw draw) {
        double low = draw.real(-1.5, 0);
        double high = draw.real(0, 1.5);
        String x = draw.noise(shape(draw), low, high);
        String below = draw.constant(new float[] {(float) low});
        String above = draw.constant(new float[] {(float) high});
        return draw.node(
                "Clip",
                draw.any(
                        List.of(x),
                        List.of(x, below),
                        List.of(x, "", above),
                        List.of(x, below, above),
                        List.of(x, below, above)));
    }

    private static String gelu(Draw draw) {
        String x = draw.noise(shape(draw));
        return draw.chance()
                ? draw.node("Gelu", List.of(x))
                : draw.node("Gelu", List.of(x), text("approximate", draw.any("none", "tanh")));
    }

    private static OracleEntry alongAxis(String operator) {
        return OracleEntry.of(operator, draw -> {
            long[] shape = shape(draw);
            String x = draw.noise(shape);
            boolean leftOut = draw.chance() && (draw.opset() >= 13 || shape.length > 1); // it was 1 up to 12
            return leftOut
                    ? draw.node(operator, List.of(x))
                    : draw.node(operator, List.of(x), integer("axis", draw.between(-shape.length, shape.length - 1)));
        });
    }
}
