package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Normalisations and dropout: some of it behaves in training as it does not in use. */
final class Normalisation {
    private static final double MEAN_VARIANCE_EPSILON = 1e-9; // added to the deviation by the definition

    private Normalisation() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("BatchNormalization", Normalisation::batch)
                        .noting(
                                "in training by the batch's statistics, which move the running ones (variance unbiased)"),
                Operator.of("InstanceNormalization", Normalisation::instance),
                Operator.of("GroupNormalization", Normalisation::group)
                        .since(18)
                        .noting("scale and bias of a group up to 20, of a channel since"),
                Operator.of("LayerNormalization", Normalisation::layer).since(17),
                Operator.of("LpNormalization", Normalisation::norm).noting("p 1 or 2"),
                Operator.of("LRN", Normalisation::localResponse),
                Operator.of("MeanVarianceNormalization", Normalisation::meanVariance),
                Operator.of("Dropout", Normalisation::dropout)
                        .within(0)
                        .noting("drops in training only, whatever training_mode says; the seed is the round's"));
    }

    /**
     * <a href="https://onnx.ai/onnx/operators/onnx__BatchNormalization.html">BatchNormalization</a>.
     *
     * <p>In training it goes by the batch's own statistics, which move the running ones. The momentum of ONNX is the share
     * of the old, libtorch's that of the new. The running variance moves by the unbiased variance of the batch, as
     * PyTorch does it; ONNX since operator set 14 says the biased one, and its outputs of statistics give that one. They
     * differ by {@code n / (n - 1)}, n values a channel.
     */
    private static Operation batch(GraphNode node) {
        double epsilon = node.number("epsilon", 1e-5);
        double momentum = node.number("momentum", 0.9);
        boolean always = node.flag("training_mode", false);
        boolean statistics = node.gives(1);
        if (statistics && !always) {
            throw node.unsupported("outputs of statistics without training_mode");
        }
        return in -> {
            Tensor value = in.get(0);
            Tensor output = torch.batch_norm(
                    value,
                    in.optional(1),
                    in.optional(2),
                    in.training() || !always ? in.optional(3) : new TensorOptional(),
                    in.training() || !always ? in.optional(4) : new TensorOptional(),
                    in.training() || always,
                    1 - momentum,
                    epsilon,
                    false);
            if (!statistics) {
                return new Tensor[] {output};
            }
            long[] axes = allBut(value, 1);
            Tensor mean = moved(in.get(3), value.mean(axes, false, new ScalarTypeOptional()), momentum);
            Tensor variance = moved(in.get(4), value.var(axes, false, false), momentum);
            return new Tensor[] {output, mean, variance};
        };
    }

    private static Tensor moved(Tensor old, Tensor current, double momentum) {
        return old.detach().mul(new Scalar(momentum)).add(current.mul(new Scalar(1 - momentum)));
    }

    private static long[] allBut(Tensor value, long axis) {
        return LongStream.range(0, value.dim()).filter(d -> d != axis).toArray();
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html">InstanceNormalization</a>. */
    private static Operation instance(GraphNode node) {
        double epsilon = node.number("epsilon", 1e-5);
        return Operation.of(in -> torch.instance_norm(
                in.get(0),
                in.optional(1),
                in.optional(2),
                new TensorOptional(),
                new TensorOptional(),
                true,
                0,
                epsilon,
                false));
    }

    /**
     * <a href="https://onnx.ai/onnx/operators/onnx__GroupNormalization.html">GroupNormalization</a>; libtorch has scale and
     * bias of a channel, as ONNX since operator set 21, so those of a group are spread over its channels.
     */
    private static Operation group(GraphNode node) {
        double epsilon = node.number("epsilon", 1e-5);
        long groups = node.integer("num_groups", 1);
        boolean ofGroups = node.opset() < 21;
        refuseOtherPrecision(node);
        return Operation.of(in -> {
            long each = ofGroups ? in.get(0).size(1) / groups : 1;
            return torch.group_norm(
                    in.get(0),
                    groups,
                    new TensorOptional(spread(in.get(1), each)),
                    new TensorOptional(spread(in.get(2), each)),
                    epsilon,
                    false);
        });
    }

    private static Tensor spread(Tensor ofGroups, long each) {
        return each == 1 ? ofGroups : torch.repeat_interleave(ofGroups, each, new LongOptional(0), new LongOptional());
    }

    private static void refuseOtherPrecision(GraphNode node) {
        if (node.integer("stash_type", 1) != 1) {
            throw node.unsupported("a stash_type other than 1, float32");
        }
    }

    /**
     * <a href="https://onnx.ai/onnx/operators/onnx__LayerNormalization.html">LayerNormalization</a>, with the outputs of
     * mean and inverse deviation where they are named.
     */
    private static Operation layer(GraphNode node) {
        double epsilon = node.number("epsilon", 1e-5);
        long axis = node.integer("axis", -1);
        boolean statistics = node.gives(1) || node.gives(2);
        refuseOtherPrecision(node);
        return in -> {
            Tensor value = in.get(0);
            long[] shape = Inputs.shape(value);
            int from = Math.toIntExact(axis < 0 ? axis + shape.length : axis);
            long[] normalised = Arrays.copyOfRange(shape, from, shape.length);
            Tensor output = layer(in, normalised, epsilon);
            if (!statistics) {
                return new Tensor[] {output};
            }
            long[] axes = LongStream.range(from, shape.length).toArray();
            Tensor mean = value.mean(axes, true, new ScalarTypeOptional());
            Tensor inverse =
                    value.var(axes, false, true).add(new Scalar(epsilon)).rsqrt();
            return new Tensor[] {output, mean, inverse};
        };
    }

    /** A scale or bias that has to be broadcast is applied after. */
    private static Tensor layer(Inputs in, long[] normalised, double epsilon) {
        boolean direct = Arrays.equals(Inputs.shape(in.get(1)), normalised)
                && (!in.has(2) || Arrays.equals(Inputs.shape(in.get(2)), normalised));
        if (direct) {
            return torch.layer_norm(in.get(0), normalised, in.optional(1), in.optional(2), epsilon, false);
        }
        Tensor plain =
                torch.layer_norm(in.get(0), normalised, new TensorOptional(), new TensorOptional(), epsilon, false);
        Tensor scaled = plain.mul(in.get(1));
        return in.has(2) ? scaled.add(in.get(2)) : scaled;
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__LpNormalization.html">LpNormalization</a>. */
    private static Operation norm(GraphNode node) {
        long axis = node.integer("axis", -1);
        long power = node.integer("p", 2);
        if (power != 1 && power != 2) {
            throw node.unsupported("p " + power);
        }
        Scalar p = new Scalar((double) power);
        return Operation.of(in -> in.get(0)
                .div(torch.linalg_vector_norm(in.get(0), p, new long[] {axis}, true, new ScalarTypeOptional())));
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__LRN.html">LRN</a>: by the squares of neighbouring channels. */
    private static Operation localResponse(GraphNode node) {
        double alpha = node.number("alpha", 1e-4);
        double beta = node.number("beta", 0.75);
        double bias = node.number("bias", 1);
        long size = node.integer("size", 1);
        return Operation.of(in -> {
            Tensor value = in.get(0);
            long[] shape = Inputs.shape(value);
            Tensor squares = value.mul(value).reshape(shape[0], 1, shape[1], -1); // [N, 1, C, pixels]
            Tensor around = Windows.padded(squares, new long[] {0, 0, (size - 1) / 2, 0, 0, 0, size / 2, 0}, 0);
            Tensor means = torch.avg_pool2d(
                    around, new long[] {size, 1}, new long[] {1, 1}, new long[2], false, true, new LongOptional());
            Tensor divisor = means.reshape(shape)
                    .mul(new Scalar(alpha))
                    .add(new Scalar(bias))
                    .pow(new Scalar(beta));
            return value.div(divisor);
        });
    }

    /** <a href="https://onnx.ai/onnx/operators/onnx__MeanVarianceNormalization.html">MeanVarianceNormalization</a>. */
    private static Operation meanVariance(GraphNode node) {
        long[] given = node.integersOrNull("axes");
        long[] axes = given == null ? new long[] {0, 2, 3} : given;
        return Operation.of(in -> {
            Tensor centred = in.get(0).sub(in.get(0).mean(axes, true, new ScalarTypeOptional()));
            Tensor deviation = centred.mul(centred)
                    .mean(axes, true, new ScalarTypeOptional())
                    .sqrt();
            return centred.div(deviation.add(new Scalar(MEAN_VARIANCE_EPSILON)));
        });
    }

    /**
     * <a href="https://onnx.ai/onnx/operators/onnx__Dropout.html">Dropout</a>; the ratio is an attribute up to operator set
     * 11, an input since. The mask is an output where it is named.
     */
    private static Operation dropout(GraphNode node) {
        double stated = node.number("ratio", 0.5);
        node.ignore("seed"); // chance is libtorch's, seeded for the whole round
        boolean mask = node.gives(1);
        boolean older = node.opset() < 12; // when the mask of use was all false, as ONNX Runtime gives it
        return in -> {
            Tensor value = in.get(0);
            if (!mask) {
                double ratio = in.training() && in.has(1) ? in.number(1) : stated;
                return new Tensor[] {in.training() ? torch.dropout(value, ratio, true) : new Tensor(value)};
            }
            T_TensorTensor_T both =
                    torch.native_dropout(value, in.has(1) ? in.number(1) : stated, new BoolOptional(in.training()));
            boolean none = older && !in.training();
            return new Tensor[] {both.get0(), none ? torch.zeros_like(both.get1()) : both.get1()};
        };
    }
}
