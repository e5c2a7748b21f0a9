package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.maskstream.trainer.libtorch.Torch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Tensors of an ONNX file as tensors of libtorch, and back. */
public final class TensorProtos {
    private TensorProtos() {}

    /** Returns libtorch's type for a data type of ONNX, or nothing for one that has none. */
    static Optional<torch.ScalarType> typeOrNone(int dataType) {
        return switch (dataType) {
            case TensorProto.DataType.FLOAT_VALUE -> Optional.of(torch.ScalarType.Float);
            case TensorProto.DataType.DOUBLE_VALUE -> Optional.of(torch.ScalarType.Double);
            case TensorProto.DataType.FLOAT16_VALUE -> Optional.of(torch.ScalarType.Half);
            case TensorProto.DataType.BFLOAT16_VALUE -> Optional.of(torch.ScalarType.BFloat16);
            case TensorProto.DataType.INT64_VALUE -> Optional.of(torch.ScalarType.Long);
            case TensorProto.DataType.INT32_VALUE -> Optional.of(torch.ScalarType.Int);
            case TensorProto.DataType.INT16_VALUE -> Optional.of(torch.ScalarType.Short);
            case TensorProto.DataType.UINT8_VALUE -> Optional.of(torch.ScalarType.Byte);
            case TensorProto.DataType.INT8_VALUE -> Optional.of(torch.ScalarType.Char);
            case TensorProto.DataType.BOOL_VALUE -> Optional.of(torch.ScalarType.Bool);
            default -> Optional.empty();
        };
    }

    /** Reads a tensor onto the processor; it belongs to the caller's scope. */
    public static Tensor read(TensorProto proto) {
        torch.ScalarType type = typeOrNone(proto.getDataType())
                .orElseThrow(() -> new IllegalArgumentException("the tensor '" + proto.getName()
                        + "' has the ONNX data type " + proto.getDataType() + ", which is not supported"));
        long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        long count = 1;
        for (long side : shape) {
            count = Math.multiplyExact(count, side);
        }
        byte[] bytes = bytes(proto);
        if (bytes.length != count * torch.elementSize(type)) {
            throw new IllegalArgumentException("the tensor '" + proto.getName() + "' needs "
                    + count * torch.elementSize(type) + " bytes, found " + bytes.length);
        }
        try (PointerScope scope = new PointerScope()) {
            BytePointer data = new BytePointer(Math.max(1, bytes.length));
            data.put(bytes, 0, bytes.length);
            return Torch.handOver(
                    scope, torch.from_blob(data, shape, new TensorOptions(type)).clone());
        }
    }

    /** Returns the proto with the values of a tensor of its shape and type. */
    public static TensorProto write(TensorProto proto, Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            Tensor host = tensor.detach()
                    .to(new org.bytedeco.pytorch.Device("cpu"), tensor.scalar_type())
                    .contiguous();
            byte[] bytes = new byte[Math.toIntExact(host.numel() * host.element_size())];
            if (bytes.length > 0) {
                new BytePointer(host.data_ptr()).capacity(bytes.length).get(bytes);
            }
            return proto.toBuilder()
                    .clearFloatData()
                    .clearDoubleData()
                    .clearInt32Data()
                    .clearInt64Data()
                    .setRawData(ByteString.copyFrom(bytes))
                    .build();
        }
    }

    /** Returns the values of a small tensor as numbers. */
    static double[] numbers(TensorProto proto) {
        try (PointerScope scope = new PointerScope()) {
            Tensor values = read(proto).to(torch.ScalarType.Double).contiguous();
            double[] numbers = new double[Math.toIntExact(values.numel())];
            if (numbers.length > 0) {
                values.data_ptr_double().get(numbers);
            }
            return numbers;
        }
    }

    /** Returns the values of a small tensor of whole numbers or truths. */
    static long[] integers(TensorProto proto) {
        try (PointerScope scope = new PointerScope()) {
            Tensor values = read(proto).to(torch.ScalarType.Long).contiguous();
            long[] numbers = new long[Math.toIntExact(values.numel())];
            if (numbers.length > 0) {
                values.data_ptr_long().get(numbers);
            }
            return numbers;
        }
    }

    /** Returns the bytes, wherever the file keeps them. */
    private static byte[] bytes(TensorProto proto) {
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            throw new IllegalArgumentException("the tensor '" + proto.getName()
                    + "' keeps its values in another file; save the model with its weights in one file");
        }
        if (!proto.getRawData().isEmpty()) {
            return proto.getRawData().toByteArray();
        }
        ByteBuffer buffer;
        switch (proto.getDataType()) {
            case TensorProto.DataType.FLOAT_VALUE -> {
                buffer = buffer(4, proto.getFloatDataCount());
                proto.getFloatDataList().forEach(buffer::putFloat);
            }
            case TensorProto.DataType.DOUBLE_VALUE -> {
                buffer = buffer(8, proto.getDoubleDataCount());
                proto.getDoubleDataList().forEach(buffer::putDouble);
            }
            case TensorProto.DataType.INT64_VALUE -> {
                buffer = buffer(8, proto.getInt64DataCount());
                proto.getInt64DataList().forEach(buffer::putLong);
            }
            case TensorProto.DataType.INT32_VALUE -> {
                buffer = buffer(4, proto.getInt32DataCount());
                proto.getInt32DataList().forEach(buffer::putInt);
            }
            case TensorProto.DataType.FLOAT16_VALUE,
                    TensorProto.DataType.BFLOAT16_VALUE,
                    TensorProto.DataType.INT16_VALUE -> {
                buffer = buffer(2, proto.getInt32DataCount());
                for (int value : proto.getInt32DataList()) {
                    buffer.putShort((short) value);
                }
            }
            default -> {
                buffer = buffer(1, proto.getInt32DataCount());
                for (int value : proto.getInt32DataList()) {
                    buffer.put((byte) value);
                }
            }
        }
        byte[] bytes = new byte[buffer.capacity()];
        buffer.get(0, bytes);
        return bytes;
    }

    private static ByteBuffer buffer(int size, int count) {
        return ByteBuffer.allocate(Math.multiplyExact(size, count)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
