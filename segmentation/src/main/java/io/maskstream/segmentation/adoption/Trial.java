package io.maskstream.segmentation.adoption;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Runs a graph in ONNX Runtime to see what fits: the shapes of its values for pictures of a size.
 *
 * <p>Asking the runtime instead of the standard's shape rules settles what no rule can: whether sizes written into the
 * graph as constants let another size through.
 */
public final class Trial implements AutoCloseable {
    private final OrtSession session;
    private final String input;
    private String failure = "";

    private Trial(OrtSession session, String input) {
        this.session = session;
        this.input = input;
    }

    /**
     * Opens a graph.
     *
     * @param values inner values to see, beside the graph's outputs
     * @throws ModelFormatException if ONNX Runtime refuses the graph
     */
    public static Trial of(ModelProto model, Collection<String> values) throws ModelFormatException {
        ModelProto.Builder open = model.toBuilder();
        Set<String> wanted = new LinkedHashSet<>(values);
        model.getGraph().getOutputList().forEach(output -> wanted.remove(output.getName()));
        wanted.forEach(name ->
                open.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName(name)));
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL); // a size that fails is an answer here
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            OrtSession session =
                    OrtEnvironment.getEnvironment().createSession(open.build().toByteArray(), options);
            return new Trial(session, ModelFile.inputs(model.getGraph()).get(0).getName());
        } catch (OrtException e) {
            throw new ModelFormatException("ONNX Runtime refuses the model: " + firstLine(e), e);
        }
    }

    /** Returns the shapes of the values for noise of this shape; empty if it does not run, see {@link #failure}. */
    Map<String, long[]> shapes(long... inputShape) {
        Map<String, long[]> shapes = new HashMap<>();
        try (OnnxTensor noise =
                        OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), noise(inputShape), inputShape);
                OrtSession.Result result = session.run(Map.of(input, noise))) {
            for (Map.Entry<String, OnnxValue> value : result) {
                if (value.getValue().getInfo() instanceof TensorInfo info) {
                    shapes.put(value.getKey(), info.getShape());
                }
            }
        } catch (OrtException e) {
            failure = firstLine(e);
            return Map.of();
        }
        return shapes;
    }

    /**
     * Returns the float values of everything that is seen, row-major, for a picture tensor.
     *
     * @throws ModelFormatException if it does not run
     */
    public Map<String, float[]> run(float[] values, long... inputShape) throws ModelFormatException {
        Map<String, float[]> seen = new LinkedHashMap<>();
        try (OnnxTensor picture =
                        OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(values), inputShape);
                OrtSession.Result result = session.run(Map.of(input, picture))) {
            for (Map.Entry<String, OnnxValue> value : result) {
                if (value.getValue() instanceof OnnxTensor tensor && tensor.getFloatBuffer() != null) {
                    FloatBuffer floats = tensor.getFloatBuffer();
                    float[] copy = new float[floats.remaining()];
                    floats.get(copy);
                    seen.put(value.getKey(), copy);
                }
            }
        } catch (OrtException e) {
            throw new ModelFormatException("ONNX Runtime fails: " + firstLine(e), e);
        }
        return seen;
    }

    /** Returns why the last size did not run. */
    String failure() {
        return failure;
    }

    private static FloatBuffer noise(long... shape) {
        int count = 1;
        for (long side : shape) {
            count = Math.toIntExact(Math.multiplyExact(count, side));
        }
        FloatBuffer values = ByteBuffer.allocateDirect(Math.multiplyExact(Float.BYTES, count))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        for (int i = 0; i < count; i++) {
            values.put((i * 7919 % 255) / 255f);
        }
        return values.flip();
    }

    private static String firstLine(OrtException cause) {
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("no reason given");
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not close a session", e);
        }
    }
}
