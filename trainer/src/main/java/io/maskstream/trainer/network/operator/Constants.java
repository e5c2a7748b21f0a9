package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The tensors of Constant nodes, in all forms but texts. */
public final class Constants {
    private Constants() {}

    /** Says whether a node is a constant. */
    public static boolean isConstant(NodeProto node) {
        return node.getOpType().equals("Constant") && GraphNode.isStandard(node);
    }

    /**
     * Returns a constant as a tensor that bears the name of the node's output.
     *
     * @throws UnsupportedOperatorException if it holds texts, or nothing
     */
    public static TensorProto tensor(NodeProto node) {
        if (node.getAttributeCount() != 1) {
            throw new UnsupportedOperatorException(
                    new GraphNode(node, Operator.LAST_OPSET).description(),
                    "holds " + node.getAttributeCount() + " values instead of one");
        }
        AttributeProto value = node.getAttribute(0);
        TensorProto.Builder tensor = TensorProto.newBuilder();
        switch (value.getName()) {
            case "value" -> tensor.mergeFrom(value.getT());
            case "value_int" ->
                tensor.setDataType(TensorProto.DataType.INT64_VALUE).addInt64Data(value.getI());
            case "value_ints" ->
                tensor.setDataType(TensorProto.DataType.INT64_VALUE)
                        .addDims(value.getIntsCount())
                        .addAllInt64Data(value.getIntsList());
            case "value_float" ->
                tensor.setDataType(TensorProto.DataType.FLOAT_VALUE).addFloatData(value.getF());
            case "value_floats" ->
                tensor.setDataType(TensorProto.DataType.FLOAT_VALUE)
                        .addDims(value.getFloatsCount())
                        .addAllFloatData(value.getFloatsList());
            case "sparse_value" -> tensor.mergeFrom(dense(value.getSparseTensor()));
            default ->
                throw new UnsupportedOperatorException(
                        new GraphNode(node, Operator.LAST_OPSET).description(),
                        "holds " + value.getName() + ", which is not supported");
        }
        return tensor.setName(node.getOutput(0)).build();
    }

    /** The indices are numbers in the row of all values, or a coordinate for each dimension. */
    private static TensorProto dense(SparseTensorProto sparse) {
        try (PointerScope scope = new PointerScope()) {
            long[] shape =
                    sparse.getDimsList().stream().mapToLong(Long::longValue).toArray();
            Tensor values = TensorProtos.read(sparse.getValues());
            Tensor indices = TensorProtos.read(sparse.getIndices());
            Tensor places = indices.dim() == 1 ? indices : Gathering.row(indices, shape, values);
            Tensor row = torch.zeros(new long[] {Gathering.product(shape)}).to(values.scalar_type());
            TensorProto.Builder dense =
                    TensorProto.newBuilder().setDataType(sparse.getValues().getDataType());
            Arrays.stream(shape).forEach(dense::addDims);
            return TensorProtos.write(dense.build(), row.scatter(0, places, values));
        }
    }
}
