package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** One run of a graph by ONNX Runtime that shows its inner values. */
final class GraphRun {
    private GraphRun() {}

    /**
     * Runs a trainable graph on a picture and shows every tensor that is asked for, one at a time.
     *
     * @param picture {@code [1, 3, height, width]}, normalised
     * @throws ModelFormatException if ONNX Runtime refuses the graph or the size
     */
    static void watch(
            ModelProto model,
            Collection<String> values,
            float[] picture,
            int height,
            int width,
            BiConsumer<String, OnnxTensor> watcher)
            throws ModelFormatException {
        ModelProto.Builder open = model.toBuilder();
        open.getGraphBuilder().clearOutput();
        for (String value : values) {
            open.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName(value));
        }
        String input = ModelFile.inputs(model.getGraph()).get(0).getName();
        long[] shape = {1, 3, height, width};
        try (OrtSession session =
                        Sessions.open(open.build().toByteArray(), Device.CPU, 0).session();
                OnnxTensor tensor =
                        OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(picture), shape);
                OrtSession.Result result = session.run(Map.of(input, tensor))) {
            for (Map.Entry<String, OnnxValue> entry : result) {
                if (entry.getValue() instanceof OnnxTensor found) {
                    watcher.accept(entry.getKey(), found);
                }
            }
        } catch (OrtException e) {
            throw new ModelFormatException(
                    "the model does not run at " + width + "x" + height + ": " + e.getMessage(), e);
        }
    }

    /** Returns the shapes of all values that nodes give, for one grey picture of the model's size. */
    static Map<String, long[]> shapes(ModelProto model, int height, int width) throws ModelFormatException {
        Map<String, long[]> shapes = new HashMap<>();
        Collection<String> values = model.getGraph().getNodeList().stream()
                .flatMap(node -> node.getOutputList().stream())
                .filter(name -> !name.isEmpty())
                .toList();
        watch(
                model,
                values,
                new float[3 * height * width],
                height,
                width,
                (name, tensor) -> shapes.put(name, tensor.getInfo().getShape()));
        return shapes;
    }
}
