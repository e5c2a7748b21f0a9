package io.maskstream.trainer.libtorch;

import io.maskstream.segmentation.model.Device;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** In which numbers a forward pass computes. Weights, running statistics, losses and optimiser state are float32 always. */
public enum Precision {
    /** All in float32. */
    FLOAT32,
    /**
     * Convolutions and products of matrices in 16 bits, the latter by libtorch's autocast; what loses by it stays in float32. On CUDA float16,
     * whose gradients need a scaled loss; on the CPU bfloat16, which has the range of float32.
     */
    MIXED;

    /**
     * Reads a setting.
     *
     * @throws IllegalArgumentException if it is neither {@code float32} nor {@code mixed}
     */
    public static Precision parse(String text) {
        for (Precision precision : values()) {
            if (precision.toString().equals(text)) {
                return precision;
            }
        }
        throw new IllegalArgumentException("precision must be float32, mixed or auto, not " + text);
    }

    /** Returns a tensor as a convolution takes it: autocast on the CPU knows products of matrices, not libtorch's general convolution. */
    public Tensor narrowed(Tensor tensor, Device device) {
        if (this == FLOAT32 || tensor.scalar_type().intern() != torch.ScalarType.Float) {
            return tensor;
        }
        return tensor.to(narrow(device));
    }

    private static torch.ScalarType narrow(Device device) {
        return device.kind() == Device.Kind.CUDA ? torch.ScalarType.Half : torch.ScalarType.BFloat16;
    }

    /** Says whether gradients can be too small for their type, so that the loss has to be scaled. */
    public boolean needsLossScale(Device device) {
        return this == MIXED && device.kind() == Device.Kind.CUDA;
    }

    /**
     * Lets the calling thread compute in this precision on a device until the result is closed.
     *
     * @param device a chosen one
     */
    public Scope on(Device device) {
        if (this == FLOAT32) {
            return () -> {};
        }
        boolean cuda = device.kind() == Device.Kind.CUDA;
        torch.DeviceType type = cuda ? torch.DeviceType.CUDA : torch.DeviceType.CPU;
        boolean enabledBefore = torch.is_autocast_enabled(type);
        boolean cachedBefore = torch.is_autocast_cache_enabled();
        torch.ScalarType typeBefore = torch.get_autocast_dtype(type);
        torch.set_autocast_dtype(type, narrow(device));
        torch.set_autocast_cache_enabled(false); // a pass reads each weight once; a cache would outlive the scope
        torch.set_autocast_enabled(type, true);
        return () -> {
            torch.set_autocast_enabled(type, enabledBefore);
            torch.set_autocast_cache_enabled(cachedBefore);
            torch.set_autocast_dtype(type, typeBefore);
        };
    }

    /** Ends with the precision that was before. */
    @FunctionalInterface
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
