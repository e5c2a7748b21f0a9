package io.maskstream.trainer.network.operator;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Normalisations and dropout: what behaves in training as it does not in use. */
final class Normalisation {
    private Normalisation() {}

    static List<Operator> all() {
        return List.of(
                Operator.of("BatchNormalization", Normalisation::batch),
                Operator.of("InstanceNormalization", Normalisation::instance),
                Operator.of("LayerNormalization", Normalisation::layer),
                Operator.of("Dropout", Normalisation::dropout));
    }

    /**
     * In training by the batch's own statistics, which move the running ones; libtorch's momentum is the share of the
     * new, that of ONNX the share of the old.
     */
    private static Operation batch(GraphNode node) {
        double epsilon = node.number("epsilon", 1e-5);
        double share = 1 - node.number("momentum", 0.9);
        node.ignore("training_mode"); // the network says whether it trains
        return Operation.of(in -> torch.batch_norm(
                in.get(0),
                in.optional(1),
                in.optional(2),
                in.optional(3),
                in.optional(4),
                in.training(),
                share,
                epsilon,
                false));
    }

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

    private static Operation layer(GraphNode node) {
        double epsilon = node.number("epsilon", 1e-5);
        long axis = node.integer("axis", -1);
        if (node.gives(1)) {
            throw node.unsupported("outputs of mean and deviation");
        }
        return Operation.of(in -> {
            long[] shape = Inputs.shape(in.get(0));
            int from = Math.toIntExact(axis < 0 ? axis + shape.length : axis);
            return torch.layer_norm(
                    in.get(0),
                    Arrays.copyOfRange(shape, from, shape.length),
                    in.optional(1),
                    in.optional(2),
                    epsilon,
                    false);
        });
    }

    private static Operation dropout(GraphNode node) {
        if (node.gives(1)) {
            throw node.unsupported("an output of the dropout mask");
        }
        node.ignore("seed"); // chance is libtorch's, seeded for the whole round
        return Operation.of(in ->
                in.training() ? torch.dropout(in.get(0), in.has(1) ? in.number(1) : 0.5, true) : new Tensor(in.get(0)));
    }
}
