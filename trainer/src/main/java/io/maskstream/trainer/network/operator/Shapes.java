package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * What a graph reckons with shapes, and the values it makes from them.
 *
 * <p>All of it lies on the processor: sizes are wanted there, and fetching them from another device would stop it.
 */
final class Shapes {
    private Shapes() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("Shape", Shapes::shape).withoutGradient().noting("start and end since 15"),
                Operator.of("Size", node -> Operation.of(Shapes::size)).withoutGradient(),
                Operator.of("ConstantOfShape", Shapes::constant).withoutGradient(),
                Operator.of("Range", node -> Operation.of(Shapes::range)).withoutGradient(),
                Operator.of("EyeLike", Shapes::eye).withoutGradient(),
                Operator.of("Cast", Shapes::cast).noting("no texts, no 8-bit floats"),
                Operator.of("CastLike", Shapes::castLike).since(15).noting("no texts, no 8-bit floats"),
                Operator.of("Identity", node -> Operation.of(in -> new Tensor(in.get(0)))));
    }

    private static Operation shape(GraphNode node) {
        long start = node.integer("start", 0);
        long end = node.integer("end", Long.MAX_VALUE);
        return Operation.of(in -> {
            long[] shape = Inputs.shape(in.get(0));
            int from = clamped(start, shape.length);
            int to = Math.max(from, clamped(end, shape.length));
            return torch.tensor(Arrays.copyOfRange(shape, from, to));
        });
    }

    private static int clamped(long index, int length) {
        long counted = index < 0 ? index + length : index;
        return (int) Math.max(0, Math.min(length, counted));
    }

    private static Tensor size(Inputs in) {
        return torch.scalar_tensor(new Scalar(in.get(0).numel()), new TensorOptions(torch.ScalarType.Long));
    }

    private static Operation constant(GraphNode node) {
        TensorProto value = node.tensorOrNull("value");
        if (value == null) {
            return Operation.of(
                    in -> torch.full(in.integers(0), new Scalar(0.0), new TensorOptions(torch.ScalarType.Float)));
        }
        torch.ScalarType type = node.type(value.getDataType());
        double number = TensorProtos.numbers(value)[0];
        long whole = torch.isFloatingType(type) ? 0 : TensorProtos.integers(value)[0];
        return Operation.of(in -> torch.full(
                in.integers(0),
                torch.isFloatingType(type) ? new Scalar(number) : new Scalar(whole),
                new TensorOptions(type)));
    }

    /** Empty where the step leads away from the limit. */
    private static Tensor range(Inputs in) {
        TensorOptions options = new TensorOptions(in.get(0).scalar_type());
        double[] ends = {in.number(0), in.number(1), in.number(2)};
        if ((ends[1] - ends[0]) / ends[2] <= 0) {
            return torch.empty(new long[] {0}).to(in.get(0).scalar_type());
        }
        return torch.arange(in.get(0).item(), in.get(1).item(), in.get(2).item(), options);
    }

    private static Operation eye(GraphNode node) {
        long diagonal = node.integer("k", 0);
        int wanted = (int) node.integer("dtype", TensorProto.DataType.UNDEFINED_VALUE);
        boolean own = wanted == TensorProto.DataType.UNDEFINED_VALUE;
        torch.ScalarType type = own ? torch.ScalarType.Float : node.type(wanted);
        return Operation.of(in -> torch.ones(
                        Inputs.shape(in.get(0)),
                        new TensorOptions(own ? in.get(0).scalar_type() : type))
                .triu(diagonal)
                .tril(diagonal));
    }

    /** {@code saturate} speaks of 8-bit floats alone. */
    private static Operation cast(GraphNode node) {
        torch.ScalarType type = node.type((int) node.integer("to", 0));
        node.ignore("saturate");
        return Operation.of(in -> in.get(0).to(type));
    }

    private static Operation castLike(GraphNode node) {
        node.ignore("saturate");
        return Operation.of(in -> in.get(0).to(in.get(1).scalar_type()));
    }
}
