package io.maskstream.trainer.network.operator;

import static io.maskstream.segmentation.model.Attributes.integer;
import static io.maskstream.segmentation.model.Attributes.real;
import static io.maskstream.segmentation.model.Attributes.text;

import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Activations, with their attributes given or left out by chance. */
final class ActivationOracles {
    private ActivationOracles() {}

    static List<OracleEntry> all() {
        List<OracleEntry> entries = new ArrayList<>();
        entries.add(plain("Relu", 0));
        entries.add(plain("Sigmoid"));
        entries.add(plain("Tanh"));
        entries.add(plain("Softplus"));
        entries.add(plain("Softsign", 0));
        entries.add(plain("HardSwish", -3, 3));
        entries.add(plain("Mish"));
        entries.add(with("LeakyRelu", draw -> new double[] {0}, "alpha"));
        entries.add(with("Elu", draw -> new double[] {0}, "alpha"));
        entries.add(OracleEntry.of("Gelu", draw -> {
            String x = draw.noise(shape(draw));
            return draw.chance()
                    ? draw.node("Gelu", List.of(x))
                    : draw.node("Gelu", List.of(x), text("approximate", draw.any("none", "tanh")));
        }));
        entries.add(alongAxis("Softmax"));
        entries.add(alongAxis("LogSoftmax"));
        return entries;
    }

    private static long[] shape(Draw draw) {
        return draw.shape(draw.between(1, 4), 5);
    }

    private static OracleEntry plain(String operator, double... kinks) {
        return OracleEntry.of(operator, draw -> draw.node(operator, List.of(draw.noise(shape(draw), kinks))));
    }

    private static OracleEntry with(String operator, Function<Draw, double[]> kinks, String... attributes) {
        return OracleEntry.of(operator, draw -> {
            List<AttributeProto> given = new ArrayList<>();
            for (String attribute : attributes) {
                if (draw.chance()) {
                    given.add(real(attribute, draw.real(0.1, 1.5)));
                }
            }
            String x = draw.noise(shape(draw), kinks.apply(draw));
            return draw.node(operator, List.of(x), given.toArray(AttributeProto[]::new));
        });
    }

    private static OracleEntry alongAxis(String operator) {
        return OracleEntry.of(operator, draw -> {
            long[] shape = shape(draw);
            String x = draw.noise(shape);
            boolean bySet = draw.chance() && (draw.opset() >= 13 || shape.length > 1); // the axis was 1 once
            return bySet
                    ? draw.node(operator, List.of(x))
                    : draw.node(operator, List.of(x), integer("axis", draw.between(-shape.length, shape.length - 1)));
        });
    }
}
