package io.maskstream.trainer.network;

import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Looks for values that are no finite number. */
public final class NonFinite {
    private NonFinite() {}

    /** Says how many values of a tensor are not finite, or nothing if all are, or it holds no real numbers. */
    public static Optional<String> describe(Tensor tensor) {
        try (PointerScope scope = new PointerScope()) {
            if (!tensor.defined() || tensor.numel() == 0 || !torch.isFloatingType(tensor.scalar_type())) {
                return Optional.empty();
            }
            long nan = torch.isnan(tensor).sum().item_long();
            long infinite = torch.isinf(tensor).sum().item_long();
            if (nan + infinite == 0) {
                return Optional.empty();
            }
            return Optional.of(nan + " NaN and " + infinite + " infinite of " + tensor.numel() + " values");
        }
    }
}
