package io.maskstream.trainer.network.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstantsTest {
    @Test
    void readsNumbersAndLists() {
        assertThat(read(attribute("value_int").setI(-7))).containsExactly(-7);
        assertThat(read(attribute("value_float").setF(0.5f))).containsExactly(0.5);
        assertThat(read(attribute("value_ints").addInts(1).addInts(Long.MIN_VALUE)))
                .containsExactly(1, Long.MIN_VALUE);
        assertThat(read(attribute("value_floats").addFloats(1).addFloats(-2))).containsExactly(1, -2);
        assertThat(read(attribute("value_ints"))).isEmpty();
    }

    @Test
    void givesANumberNoDimensions_andAListOne() {
        assertThat(tensor(attribute("value_int").setI(3)).getDimsList()).isEmpty();
        assertThat(tensor(attribute("value_floats").addFloats(1)).getDimsList()).containsExactly(1L);
    }

    @Test
    void fillsASparseTensorUp_whetherByNumberOrByCoordinates() {
        TensorProto values = TensorProto.newBuilder()
                .setDataType(1)
                .addDims(2)
                .addFloatData(5)
                .addFloatData(6)
                .build();
        TensorProto numbers = integers(1, 5).addDims(2).build();
        TensorProto coordinates = integers(0, 1, 1, 2).addDims(2).addDims(2).build();
        for (TensorProto indices : List.of(numbers, coordinates)) {
            SparseTensorProto sparse = SparseTensorProto.newBuilder()
                    .setValues(values)
                    .setIndices(indices)
                    .addDims(2)
                    .addDims(3)
                    .build();
            TensorProto dense = tensor(attribute("sparse_value").setSparseTensor(sparse));
            assertThat(dense.getDimsList()).containsExactly(2L, 3L);
            assertThat(TensorProtos.numbers(dense)).containsExactly(0, 5, 0, 0, 0, 6);
        }
    }

    @Test
    void refusesTexts_namingTheNode() {
        assertThatThrownBy(() -> tensor(attribute("value_string").setS(ByteString.copyFromUtf8("x"))))
                .isInstanceOf(UnsupportedOperatorException.class)
                .hasMessageContaining("'c'")
                .hasMessageContaining("value_string");
    }

    private static TensorProto.Builder integers(long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(7);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor;
    }

    private static AttributeProto.Builder attribute(String name) {
        return AttributeProto.newBuilder().setName(name);
    }

    private static TensorProto tensor(AttributeProto.Builder value) {
        return Constants.tensor(NodeProto.newBuilder()
                .setOpType("Constant")
                .setName("c")
                .addOutput("constant")
                .addAttribute(value)
                .build());
    }

    private static double[] read(AttributeProto.Builder value) {
        return TensorProtos.numbers(tensor(value));
    }
}
