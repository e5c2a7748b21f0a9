package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** What a graph reckons with shapes: small integers that stay on the processor. */
final class Shapes {
    private Shapes() {}

    static List<Operator> all() {
        List<Operator> rows = new ArrayList<>();
        rows.add(Operator.of("Shape", Shapes::shape));
        rows.add(Operator.of(
                "Size",
                node -> Operation.of(in -> torch.tensor(in.get(0).numel()).reshape(new long[0]))));
        rows.add(Operator.of("ConstantOfShape", Shapes::constant));
        rows.add(Operator.of(
                "Range",
                node -> Operation.of(in -> torch.arange(
                        in.get(0).item(),
                        in.get(1).item(),
                        in.get(2).item(),
                        new TensorOptions(in.get(0).scalar_type())))));
        rows.add(Operator.of("Cast", Shapes::cast));
        rows.add(Operator.of("Identity", node -> Operation.of(in -> new Tensor(in.get(0)))));
        return rows;
    }

    private static Operation shape(GraphNode node) {
        long start = node.integer("start", 0);
        long end = node.integer("end", Long.MAX_VALUE);
        return Operation.of(in -> {
            long[] shape = Inputs.shape(in.get(0));
            int from = clamped(start, shape.length);
            int to = Math.max(from, clamped(end, shape.length));
            return torch.tensor(Arrays.copyOfRange(shape, from, to), new TensorOptions(torch.ScalarType.Long));
        });
    }

    private static int clamped(long index, int length) {
        long counted = index < 0 ? index + length : index;
        return (int) Math.max(0, Math.min(length, counted));
    }

    private static Operation constant(GraphNode node) {
        TensorProto value = node.tensorOrNull("value");
        double number = value == null ? 0 : TensorProtos.numbers(value)[0];
        torch.ScalarType type = value == null ? torch.ScalarType.Float : node.type(value.getDataType());
        return Operation.of(in -> torch.full(in.integers(0), new Scalar(number), new TensorOptions(type)));
    }

    private static Operation cast(GraphNode node) {
        torch.ScalarType type = node.type((int) node.integer("to", 0));
        return Operation.of(in -> in.get(0).to(type));
    }
}
