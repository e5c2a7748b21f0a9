package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ClassList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** Graphs small enough to know their answers. */
final class ToyModels {
    private ToyModels() {}

    /** A model whose class scores are these mixtures of red, green and blue in [0, 1]. */
    static ModelProto mixtures(
            float[][] weights, double temperature, ModelInput.SizePolicy policy, int height, int width) {
        int classes = weights.length;
        float[] flat = new float[3 * classes];
        for (int c = 0; c < classes; c++) {
            System.arraycopy(weights[c], 0, flat, 3 * c, 3);
        }
        GraphBuilder graph = GraphBuilder.empty("toy");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        graph.named("logits", "Conv", List.of("image", graph.weight("mixture", flat, classes, 3, 1, 1)));
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", Integer.toString(classes), "H", "W");
        return metadata(classes, temperature, policy, height, width).writeTo(graph.build());
    }

    static ModelMetadata metadata(
            int classes, double temperature, ModelInput.SizePolicy policy, int height, int width) {
        List<String> names =
                List.of("sky", "road", "car", "tree", "person", "pole").subList(0, classes);
        ModelInput input = new ModelInput(height, width, policy, 1, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        return ModelMetadata.starting("toy", "toy-1", ClassList.of(names), input)
                .withTemperature(temperature);
    }

    static RgbImage noise(int height, int width, long seed) {
        byte[] pixels = new byte[3 * height * width];
        new Random(seed).nextBytes(pixels);
        return new RgbImage(height, width, Bytes.wrap(pixels));
    }

    /** Returns the class scores of a picture as ONNX Runtime gives them. */
    static float[] logits(ModelProto trainable, RgbImage image) throws ModelFormatException {
        int area = image.height() * image.width();
        float[] planes = new float[3 * area];
        for (int i = 0; i < 3 * area; i++) {
            planes[i % 3 * area + i / 3] = image.pixels().at(i) / 255f;
        }
        try (GraphRun run = GraphRun.of(trainable, List.of())) {
            return Objects.requireNonNull(
                    run.run(planes, 1, 3, image.height(), image.width()).get(PseudoLabelHead.LOGITS));
        }
    }
}
