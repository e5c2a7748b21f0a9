package io.maskstream.trainer.network;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.model.Device;
import io.maskstream.trainer.libtorch.Precision;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A network that learns to give every pixel a class.
 *
 * <p>Memory: parameters and buffers live until {@link #close()}. What {@link #forward} gives belongs to the innermost
 * {@link org.bytedeco.javacpp.PointerScope} of the calling thread, so every step runs in {@code try (PointerScope step =
 * new PointerScope())}. A network is used by one thread at a time.
 *
 * <p>Gradients: a pass keeps its graph unless it runs under {@code NoGradGuard}. Weights are overwritten in place
 * ({@link #copyWeightsFrom}, {@link #average}) only while no such graph waits for its backward pass.
 */
public interface SegmentationNetwork extends AutoCloseable {

    /**
     * Runs the network.
     *
     * @param images {@code [N, 3, H, W]} float32 on {@link #device()}, normalised as the model's metadata says
     * @return the graph's outputs by name, among them {@link Outputs#LOGITS} {@code [N, C, H, W]}
     * @throws IllegalArgumentException if the shape does not fit, with what was expected
     */
    default Outputs forward(Tensor images) {
        return forward(images, Taps.NONE);
    }

    /**
     * Runs the network, giving or changing inner values as well.
     *
     * @throws IllegalArgumentException if a tap names no value of the graph
     */
    Outputs forward(Tensor images, Taps taps);

    /** Lets batch normalisation use the batch and move its running statistics, and dropout drop. */
    void train();

    /** Lets batch normalisation use its running statistics and dropout pass everything; the mode of a new network. */
    void eval();

    /** Says in which numbers forward passes compute from now on; {@link Precision#FLOAT32} at first. Outputs are float32. */
    void compute(Precision precision);

    /** Returns in which numbers forward passes compute. */
    Precision precision();

    /** Says which of the two modes holds. */
    boolean isTraining();

    /**
     * Returns what learning changes, by name, in the order of the graph; the tensors themselves, not copies. What the model's
     * metadata freezes is not among them.
     */
    Map<String, Tensor> parameters();

    /** Returns the names of the parameters of the last layers before the class scores, which a new classifier replaces. */
    Set<String> head();

    /**
     * Runs the network once more and looks at every value on the way.
     *
     * @return the first node that gives a value which is no finite number, with what it gave, or nothing
     */
    Optional<String> firstNonFinite(Tensor images, Taps taps);

    /** Returns the first node that reads a parameter, for messages. */
    String readerOf(String parameter);

    /** Returns what the forward pass in training mode changes (running means and variances), by name; not copies. */
    Map<String, Tensor> buffers();

    /** Sets all gradients of the parameters to none. */
    void clearGradients();

    /** Returns a network of its own with the same graph, weights, buffers, mode and precision, on the same device. */
    SegmentationNetwork copy();

    /**
     * Copies weights and buffers by name; what the other has more is left aside.
     *
     * @throws IllegalArgumentException if the other lacks one, or its shape differs
     */
    void copyWeightsFrom(SegmentationNetwork other);

    /**
     * Moves every weight and buffer towards the other's: {@code w = decay * w + (1 - decay) * other}.
     *
     * @param decay in [0, 1]; 0 copies
     * @throws IllegalArgumentException if the other lacks one, or its shape differs
     */
    default void average(SegmentationNetwork other, double decay) {
        average(other, decay, Set.of());
    }

    /**
     * Moves weights and buffers towards the other's, but for some.
     *
     * @param except names of those that stay as they are
     */
    void average(SegmentationNetwork other, double decay, Set<String> except);

    /** Returns the graph that this network was made from, with the weights and running statistics of now. */
    ModelProto toModel();

    /** Returns where the network's tensors live; never automatic. */
    Device device();

    /** Frees the network's tensors; a second call does nothing. */
    @Override
    void close();
}
