package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The numbers of a tensor of an ONNX file, wherever the file keeps them. */
public final class TensorValues {
    private TensorValues() {}

    /** Returns the values of a float32 tensor, row-major; throws {@link IllegalArgumentException} for another type. */
    public static float[] floats(TensorProto tensor) {
        if (tensor.getDataType() != TensorProto.DataType.FLOAT_VALUE) {
            throw new IllegalArgumentException("the tensor '" + tensor.getName() + "' has the ONNX data type "
                    + tensor.getDataType() + "; expected float32");
        }
        if (tensor.getRawData().isEmpty()) {
            float[] values = new float[tensor.getFloatDataCount()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.getFloatData(i);
            }
            return values;
        }
        ByteBuffer raw = raw(tensor);
        float[] values = new float[raw.remaining() / Float.BYTES];
        raw.asFloatBuffer().get(values);
        return values;
    }

    /** Returns the values of an int64 or int32 tensor, row-major. */
    public static long[] integers(TensorProto tensor) {
        boolean narrow = tensor.getDataType() == TensorProto.DataType.INT32_VALUE;
        if (!narrow && tensor.getDataType() != TensorProto.DataType.INT64_VALUE) {
            throw new IllegalArgumentException("the tensor '" + tensor.getName() + "' has the ONNX data type "
                    + tensor.getDataType() + "; expected int64");
        }
        if (!tensor.getRawData().isEmpty()) {
            ByteBuffer raw = raw(tensor);
            long[] values = new long[raw.remaining() / (narrow ? Integer.BYTES : Long.BYTES)];
            for (int i = 0; i < values.length; i++) {
                values[i] = narrow ? raw.getInt() : raw.getLong();
            }
            return values;
        }
        List<? extends Number> kept = narrow ? tensor.getInt32DataList() : tensor.getInt64DataList();
        return kept.stream().mapToLong(Number::longValue).toArray();
    }

    private static ByteBuffer raw(TensorProto tensor) {
        return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
}
