package io.maskstream.trainer.network.operator;

import io.maskstream.trainer.libtorch.Torch;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Small tensors of numbers that were reckoned here: weights and places that depend on sizes alone. */
final class Reckoned {
    private Reckoned() {}

    /** Returns real numbers, {@code [count]}, of the type and on the device of another tensor. */
    static Tensor of(double[] values, Tensor like) {
        return of(values, like, values.length);
    }

    /** Returns real numbers of a shape, of the type and on the device of another tensor. */
    static Tensor of(double[] values, Tensor like, long... shape) {
        try (PointerScope scope = new PointerScope()) {
            Tensor host = torch.from_blob(new DoublePointer(values), shape, new TensorOptions(torch.ScalarType.Double));
            return Torch.handOver(scope, host.clone().to(like.device(), like.scalar_type()));
        }
    }

    /** Returns places, {@code [count]} int64, on the device of another tensor. */
    static Tensor places(long[] values, Tensor like) {
        try (PointerScope scope = new PointerScope()) {
            Tensor host = torch.from_blob(
                    new LongPointer(values), new long[] {values.length}, new TensorOptions(torch.ScalarType.Long));
            return Torch.handOver(scope, host.clone().to(like.device(), torch.ScalarType.Long));
        }
    }
}
