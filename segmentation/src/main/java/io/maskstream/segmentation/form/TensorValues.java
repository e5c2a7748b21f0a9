package io.maskstream.segmentation.form;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.platform.Fp16Conversions;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The numbers of a graph's constants, read and written. */
final class TensorValues {
    private TensorValues() {}

    static boolean isFloat(TensorProto tensor) {
        return tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE;
    }

    /** Returns the values of a float32 tensor. */
    static float[] floats(TensorProto tensor) {
        if (!isFloat(tensor)) {
            throw new IllegalArgumentException("the constant '" + tensor.getName() + "' is of ONNX type "
                    + tensor.getDataType() + ", not float32");
        }
        float[] values;
        if (tensor.getRawData().isEmpty()) {
            values = new float[tensor.getFloatDataCount()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.getFloatData(i);
            }
        } else {
            values = new float[tensor.getRawData().size() / 4];
            tensor.getRawData()
                    .asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
        }
        return values;
    }

    static TensorProto ofFloats(String name, float[] values, long... shape) {
        ByteBuffer bytes = buffer(4, values.length);
        bytes.asFloatBuffer().put(values);
        return tensor(name, TensorProto.DataType.FLOAT_VALUE, bytes, shape);
    }

    static TensorProto ofIntegers(String name, int[] values, long... shape) {
        ByteBuffer bytes = buffer(4, values.length);
        bytes.asIntBuffer().put(values);
        return tensor(name, TensorProto.DataType.INT32_VALUE, bytes, shape);
    }

    /** Returns a tensor of signed or unsigned bytes. */
    static TensorProto ofBytes(String name, boolean signed, byte[] values, long... shape) {
        int type = signed ? TensorProto.DataType.INT8_VALUE : TensorProto.DataType.UINT8_VALUE;
        return tensor(name, type, ByteBuffer.wrap(values), shape);
    }

    /** Returns a float32 tensor's values in float16, rounded half to even. */
    static TensorProto halved(TensorProto tensor, String name) {
        float[] values = floats(tensor);
        ByteBuffer bytes = buffer(2, values.length);
        for (float value : values) {
            bytes.putShort(Fp16Conversions.floatToFp16(value));
        }
        long[] shape = shape(tensor);
        return tensor(name, TensorProto.DataType.FLOAT16_VALUE, bytes.rewind(), shape);
    }

    static long[] shape(TensorProto tensor) {
        return tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
    }

    private static ByteBuffer buffer(int size, int count) {
        return ByteBuffer.allocate(Math.multiplyExact(size, count)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static TensorProto tensor(String name, int type, ByteBuffer bytes, long... shape) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(type).setRawData(ByteString.copyFrom(bytes));
        for (long side : shape) {
            tensor.addDims(side);
        }
        return tensor.build();
    }
}
