package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import io.maskstream.segmentation.graph.GraphView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Runs a graph in ONNX Runtime on the processor and shows its inner values and their shapes.
 *
 * <p>Asking the runtime instead of the standard's shape rules settles what no rule can: whether sizes written into the
 * graph as constants let another size through.
 */
public final class GraphRun implements AutoCloseable {
    private final OrtSession session;
    private final String input;
    private String failure = "";

    private GraphRun(OrtSession session, String input) {
        this.session = session;
        this.input = input;
    }

    /**
     * Opens a graph.
     *
     * @param values inner values to see, beside the graph's outputs
     * @throws ModelFormatException if ONNX Runtime refuses the graph
     */
    public static GraphRun of(ModelProto model, Collection<String> values) throws ModelFormatException {
        OrtSession session = Sessions.openQuietly(showing(model, values).toByteArray(), OptLevel.ALL_OPT);
        return new GraphRun(session, GraphView.inputs(model.getGraph()).get(0).getName());
    }

    /**
     * Returns the shapes of all values that nodes give, for one picture {@code [1, 3, height, width]}.
     *
     * @throws ModelFormatException if the graph does not run at the size
     */
    public static Map<String, long[]> shapes(ModelProto model, int height, int width) throws ModelFormatException {
        try (GraphRun run = of(model, given(model))) {
            Map<String, long[]> shapes = run.shapes(1, 3, height, width);
            if (shapes.isEmpty()) {
                throw new ModelFormatException(
                        "the model does not run at " + width + "x" + height + ": " + run.failure);
            }
            return shapes;
        }
    }

    /**
     * Returns the names of the float32 values that nodes give; nothing is run.
     *
     * @throws ModelFormatException if ONNX Runtime refuses the graph
     */
    public static Set<String> floats(ModelProto model) throws ModelFormatException {
        Set<String> floats = new HashSet<>();
        byte[] open = showing(model, given(model)).toByteArray();
        try (OrtSession session = Sessions.openQuietly(open, OptLevel.NO_OPT)) {
            for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
                if (output.getValue().getInfo() instanceof TensorInfo info && info.type == OnnxJavaType.FLOAT) {
                    floats.add(output.getKey());
                }
            }
        } catch (OrtException e) {
            throw new ModelFormatException("ONNX Runtime does not tell the types of the model: " + e.getMessage(), e);
        }
        return floats;
    }

    private static List<String> given(ModelProto model) {
        return model.getGraph().getNodeList().stream()
                .flatMap(node -> node.getOutputList().stream())
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private static ModelProto showing(ModelProto model, Collection<String> values) {
        ModelProto.Builder open = model.toBuilder();
        Set<String> wanted = new LinkedHashSet<>(values);
        model.getGraph().getOutputList().forEach(output -> wanted.remove(output.getName()));
        wanted.forEach(name ->
                open.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName(name)));
        return open.build();
    }

    /** Returns the shapes of the values for noise of this shape; empty if it does not run, see {@link #failure}. */
    public Map<String, long[]> shapes(long... inputShape) {
        Map<String, long[]> shapes = new HashMap<>();
        try {
            show(
                    noise(inputShape),
                    inputShape,
                    (name, tensor) -> shapes.put(name, tensor.getInfo().getShape()));
        } catch (OrtException e) {
            failure = Sessions.firstLine(e);
            return Map.of();
        }
        return shapes;
    }

    /** Returns why the last size did not run. */
    public String failure() {
        return failure;
    }

    /**
     * Returns the float values of everything that is seen, row-major, for a picture tensor.
     *
     * @throws ModelFormatException if it does not run
     */
    public Map<String, float[]> run(float[] values, long... inputShape) throws ModelFormatException {
        Map<String, float[]> seen = new LinkedHashMap<>();
        watch(FloatBuffer.wrap(values), inputShape, (name, tensor) -> {
            FloatBuffer floats = tensor.getFloatBuffer();
            if (floats != null) {
                float[] copy = new float[floats.remaining()];
                floats.get(copy);
                seen.put(name, copy);
            }
        });
        return seen;
    }

    /**
     * Shows every tensor that is seen for a picture tensor, one at a time; none may be kept.
     *
     * @throws ModelFormatException if it does not run
     */
    public void watch(FloatBuffer picture, long[] inputShape, BiConsumer<String, OnnxTensor> watcher)
            throws ModelFormatException {
        try {
            show(picture, inputShape, watcher);
        } catch (OrtException e) {
            throw new ModelFormatException(
                    "ONNX Runtime fails on a picture " + Arrays.toString(inputShape) + ": " + Sessions.firstLine(e), e);
        }
    }

    private void show(FloatBuffer picture, long[] inputShape, BiConsumer<String, OnnxTensor> watcher)
            throws OrtException {
        try (OnnxTensor tensor = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), picture, inputShape);
                OrtSession.Result result = session.run(Map.of(input, tensor))) {
            for (Map.Entry<String, OnnxValue> value : result) {
                if (value.getValue() instanceof OnnxTensor found) {
                    watcher.accept(value.getKey(), found);
                }
            }
        }
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

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime could not close a session", e);
        }
    }
}
