package io.maskstream.segmentation.graph;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The numbers of a tensor of an ONNX file: read wherever the file keeps them, written as raw bytes. Row-major throughout. */
public final class TensorValues {
    private TensorValues() {}

    /** Says whether a tensor is of float32. */
    public static boolean isFloat(TensorProto tensor) {
        return tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE;
    }

    /** Returns the lengths of the axes. */
    public static long[] shape(TensorProto tensor) {
        return tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
    }

    /** Returns the values of a float32 tensor; throws {@link IllegalArgumentException} for another type. */
    public static float[] floats(TensorProto tensor) {
        if (!isFloat(tensor)) {
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

    /** Returns the values of an int64 or int32 tensor; throws {@link IllegalArgumentException} for another type. */
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

    /** Returns a float32 tensor. */
    public static TensorProto ofFloats(String name, float[] values, long... shape) {
        ByteBuffer bytes = buffer(Float.BYTES, values.length);
        bytes.asFloatBuffer().put(values);
        return tensor(name, TensorProto.DataType.FLOAT_VALUE, bytes, shape);
    }

    /** Returns a float16 tensor of values that are given as their bits. */
    public static TensorProto ofHalves(String name, short[] bits, long... shape) {
        ByteBuffer bytes = buffer(Short.BYTES, bits.length);
        bytes.asShortBuffer().put(bits);
        return tensor(name, TensorProto.DataType.FLOAT16_VALUE, bytes, shape);
    }

    /** Returns an int64 tensor. */
    public static TensorProto ofLongs(String name, long[] values, long... shape) {
        ByteBuffer bytes = buffer(Long.BYTES, values.length);
        bytes.asLongBuffer().put(values);
        return tensor(name, TensorProto.DataType.INT64_VALUE, bytes, shape);
    }

    /** Returns an int32 tensor. */
    public static TensorProto ofInts(String name, int[] values, long... shape) {
        ByteBuffer bytes = buffer(Integer.BYTES, values.length);
        bytes.asIntBuffer().put(values);
        return tensor(name, TensorProto.DataType.INT32_VALUE, bytes, shape);
    }

    /** Returns a tensor of signed or unsigned bytes. */
    public static TensorProto ofBytes(String name, boolean signed, byte[] values, long... shape) {
        int type = signed ? TensorProto.DataType.INT8_VALUE : TensorProto.DataType.UINT8_VALUE;
        return tensor(name, type, ByteBuffer.wrap(values), shape);
    }

    private static ByteBuffer raw(TensorProto tensor) {
        return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
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
