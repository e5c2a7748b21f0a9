package io.maskstream.trainer.network.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorProtosTest {
    /** 1.5 and -2 as 16-bit floats, of which the second has its highest bit set. */
    @ParameterizedTest
    @CsvSource({"10, 15872, 49152", "16, 16320, 49152"})
    void reads16BitFloats_whetherTypedOrRaw(int type, int first, int second) {
        TensorProto typed = of(type).addInt32Data(first).addInt32Data(second).build();
        ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort((short) first).putShort((short) second);
        TensorProto raw =
                of(type).setRawData(ByteString.copyFrom(bytes.array())).build();

        assertThat(TensorProtos.numbers(typed)).containsExactly(1.5, -2);
        assertThat(TensorProtos.numbers(raw)).containsExactly(1.5, -2);
    }

    @ParameterizedTest
    @CsvSource({"2, 7, 200", "3, 7, -56", "5, 7, -300", "6, 7, -70000", "9, 1, 0"})
    void readsSmallIntegersAndTruths(int type, int first, int second) {
        TensorProto typed = of(type).addInt32Data(first).addInt32Data(second).build();
        assertThat(TensorProtos.integers(typed)).containsExactly(first, second);
        assertThat(TensorProtos.numbers(typed)).containsExactly(first, second);
    }

    @Test
    void readsLargeIntegersExactly() {
        TensorProto typed = of(7).addInt64Data(Long.MAX_VALUE).addInt64Data(-1).build();
        assertThat(TensorProtos.integers(typed)).containsExactly(Long.MAX_VALUE, -1);
    }

    @Test
    void readsDoubles() {
        assertThat(TensorProtos.numbers(
                        of(11).addDoubleData(0.1).addDoubleData(1e300).build()))
                .containsExactly(0.1, 1e300);
    }

    @Test
    void readsATensorOfNothing() {
        TensorProto none =
                TensorProto.newBuilder().setDataType(1).addDims(0).addDims(4).build();
        try (PointerScope scope = new PointerScope()) {
            Tensor read = TensorProtos.read(none);
            assertThat(Inputs.shape(read)).containsExactly(0, 4);
            assertThat(new Inputs("n", new Tensor[] {read}, false).numbersOrNone(0))
                    .isEmpty();
            assertThat(new Inputs("n", new Tensor[] {read}, false).integersOrNone(0))
                    .isEmpty();
        }
        assertThat(TensorProtos.numbers(none)).isEmpty();
    }

    @Test
    void writesBackWhatItRead_whateverTheLayout() {
        TensorProto proto = TensorProto.newBuilder()
                .setName("w")
                .setDataType(1)
                .addDims(2)
                .addDims(3)
                .addFloatData(1)
                .addFloatData(2)
                .addFloatData(3)
                .addFloatData(4)
                .addFloatData(5)
                .addFloatData(6)
                .build();
        try (PointerScope scope = new PointerScope()) {
            Tensor turnedTwice = TensorProtos.read(proto).t().contiguous().t();
            TensorProto written = TensorProtos.write(proto, turnedTwice);
            assertThat(TensorProtos.numbers(written)).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(torch.equal(TensorProtos.read(written), turnedTwice)).isTrue();
        }
    }

    @Test
    void refuses_whenBytesAreMissingOrLieElsewhere() {
        assertThatThrownBy(() -> TensorProtos.numbers(of(1).addFloatData(1).build()))
                .hasMessageContaining("the tensor 'w' needs 8 bytes, found 4");
        TensorProto elsewhere =
                of(1).setDataLocation(TensorProto.DataLocation.EXTERNAL).build();
        assertThatThrownBy(() -> TensorProtos.numbers(elsewhere))
                .hasMessageContaining("'w'")
                .hasMessageContaining("in one file");
    }

    private static TensorProto.Builder of(int type) {
        return TensorProto.newBuilder().setName("w").setDataType(type).addDims(2);
    }
}
