package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.maskstream.segmentation.model.ModelFile;
import java.nio.FloatBuffer;
import java.util.Map;

/** What ONNX Runtime says of a graph. */
final class OnnxOracle {
    private OnnxOracle() {}

    /** A float output. */
    @SuppressWarnings("ArrayRecordComponent") // two arrays to read, compared by nobody
    record Answer(float[] values, long[] shape) {}

    static Answer run(ModelProto model, float[] picture, long... shape) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        String input = ModelFile.inputs(model.getGraph()).get(0).getName();
        try (OrtSession session = environment.createSession(model.toByteArray());
                OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(picture), shape);
                OrtSession.Result result = session.run(Map.of(input, tensor))) {
            OnnxTensor output = (OnnxTensor) result.get(0);
            FloatBuffer buffer = output.getFloatBuffer();
            float[] values = new float[buffer.remaining()];
            buffer.get(values);
            return new Answer(values, output.getInfo().getShape());
        }
    }
}
