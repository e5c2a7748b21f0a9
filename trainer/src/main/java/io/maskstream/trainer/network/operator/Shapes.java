package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** What a graph reckons with shapes: small integers that stay on the processor. */
final class Shapes {
    private Shapes() {}

    static Map<String, OperationFactory> all() {
        Map<String, OperationFactory> map = new TreeMap<>();
        map.put("Shape", Shapes::shape);
        map.put(
                "Size",
                node -> Operation.of(in -> torch.tensor(in.get(0).numel()).reshape(new long[0])));
        map.put("ConstantOfShape", Shapes::constant);
        map.put(
                "Range",
                node -> Operation.of(in -> torch.arange(
                        in.get(0).item(),
                        in.get(1).item(),
                        in.get(2).item(),
                        new TensorOptions(in.get(0).scalar_type()))));
        map.put("Cast", Shapes::cast);
        map.put("Identity", node -> Operation.of(in -> new Tensor(in.get(0))));
        return map;
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
        torch.ScalarType type =
                value == null ? torch.ScalarType.Float : TensorProtos.type(value.getDataType(), node.description());
        return Operation.of(in -> torch.full(in.integers(0), new Scalar(number), new TensorOptions(type)));
    }

    private static Operation cast(GraphNode node) {
        torch.ScalarType type = TensorProtos.type((int) node.integer("to", 0), node.description());
        return Operation.of(in -> in.get(0).to(type));
    }
}
