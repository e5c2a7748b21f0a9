package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.maskstream.segmentation.model.ModelFormatException;
import io.maskstream.segmentation.model.PreparedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Asks ONNX Runtime on the processor about the inner values of a graph. */
final class GraphProbe {
    private GraphProbe() {}

    /** Opens a graph on the processor. */
    static OrtSession open(ModelProto model, boolean optimised) throws ModelFormatException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(
                    optimised ? OrtSession.SessionOptions.OptLevel.ALL_OPT : OrtSession.SessionOptions.OptLevel.NO_OPT);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            return OrtEnvironment.getEnvironment().createSession(model.toByteArray(), options);
        } catch (OrtException e) {
            throw new ModelFormatException("ONNX Runtime refuses the model: " + e.getMessage(), e);
        }
    }

    /** Returns the names of the float32 values of a graph, its input and constants aside. */
    static Set<String> floats(ModelProto model) throws ModelFormatException {
        ModelProto.Builder all = model.toBuilder();
        Set<String> outputs = model.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .collect(Collectors.toSet());
        for (NodeProto node : model.getGraph().getNodeList()) {
            for (String output : node.getOutputList()) {
                if (!output.isEmpty() && outputs.add(output)) {
                    all.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName(output));
                }
            }
        }
        Set<String> floats = new HashSet<>();
        try (OrtSession session = open(all.build(), false)) {
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

    /** Returns a picture as a batch of one, {@code [1, 3, height, width]}. */
    static OnnxTensor tensor(PreparedImage image) throws OrtException {
        FloatBuffer buffer = ByteBuffer.allocateDirect(Math.multiplyExact(12, image.height() * image.width()))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        image.copyTo(buffer);
        long[] shape = {1, 3, image.height(), image.width()};
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer.flip(), shape);
    }
}
