package io.maskstream.trainer.libtorch;

import io.maskstream.segmentation.model.Device;
import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process-wide switches of libtorch, and who owns a tensor.
 *
 * <p>Ownership: a tensor belongs to the innermost {@code PointerScope} open on the thread that made it and is freed with
 * it. {@link #keep} takes it out of that rule until {@link #release}. Outside of any scope the collector frees tensors,
 * too late to be of use; so every step of a loop opens a scope.
 */
public final class Torch {
    private static final Logger LOG = LoggerFactory.getLogger(Torch.class);
    private static final ConcurrentHashMap<Device, Device> CHOSEN = new ConcurrentHashMap<>();

    private Torch() {}

    /**
     * Resolves {@code auto} and checks an explicit choice; the choice is logged once a process.
     *
     * @throws IllegalArgumentException if CUDA is asked for and this build of libtorch finds no such device
     */
    public static Device choose(Device wanted) {
        return CHOSEN.computeIfAbsent(wanted, Torch::resolve);
    }

    private static Device resolve(Device wanted) {
        boolean cuda = wanted.kind() != Device.Kind.CPU && torch.cuda_is_available();
        if (wanted.kind() == Device.Kind.CUDA && !(cuda && wanted.index() < torch.cuda_device_count())) {
            throw new IllegalArgumentException("training on " + wanted
                    + " needs the build with -Pgpu and that device; found "
                    + (cuda ? torch.cuda_device_count() + " CUDA devices" : "no CUDA device")
                    + ". Use auto or cpu");
        }
        Device chosen =
                wanted.kind() == Device.Kind.AUTO ? (cuda ? new Device(Device.Kind.CUDA, 0) : Device.CPU) : wanted;
        LOG.info("training on {} (asked for {}, {} threads)", chosen, wanted, torch.get_num_threads());
        return chosen;
    }

    /** Returns libtorch's name for a chosen device. */
    public static org.bytedeco.pytorch.Device name(Device chosen) {
        return new org.bytedeco.pytorch.Device(chosen.toString().replace("cpu:0", "cpu"));
    }

    /** Returns options for a float32 tensor on a chosen device. */
    public static TensorOptions float32(Device chosen) {
        return new TensorOptions(name(chosen))
                .dtype(new org.bytedeco.pytorch.ScalarTypeOptional(torch.ScalarType.Float));
    }

    /** Seeds libtorch's own generators on all devices. */
    public static void seed(long seed) {
        torch.manual_seed(seed);
    }

    /**
     * Sets how many threads one operator uses, at least 1; for the whole process. OpenBLAS, which multiplies matrices for libtorch, has
     * threads of its own, and gets as many. Libtorch's other pool, between operators, is never used: a step is one operator after the
     * other, and the backward pass on the CPU runs in the thread that asks for it.
     */
    public static void threads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("libtorch needs at least 1 thread, found " + threads);
        }
        torch.set_num_threads(threads);
        openblas_nolapack.blas_set_num_threads(threads);
    }

    /** Lets a tensor outlive its scope until {@link #release}. */
    public static Tensor keep(Tensor tensor) {
        tensor.retainReference();
        return tensor;
    }

    /** Frees a kept tensor, unless a scope still holds it. */
    public static void release(Tensor tensor) {
        tensor.releaseReference();
    }

    /**
     * Moves a tensor from a scope that is about to close to the one around it.
     *
     * <p>Without a scope around it, the tensor is the collector's.
     */
    public static Tensor handOver(PointerScope closing, Tensor tensor) {
        Iterator<PointerScope> scopes = PointerScope.getScopeIterator();
        PointerScope outer = null;
        while (scopes.hasNext()) {
            if (scopes.next() == closing && scopes.hasNext()) {
                outer = scopes.next();
                break;
            }
        }
        if (outer != null) {
            outer.attach(tensor);
        }
        closing.detach(tensor);
        return tensor;
    }
}
