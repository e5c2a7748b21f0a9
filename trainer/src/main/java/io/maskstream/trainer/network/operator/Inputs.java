package io.maskstream.trainer.network.operator;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The tensors that a node reads, and the mode of the network. */
public final class Inputs {
    private static final long[] NONE = {};

    private final @Nullable Tensor[] values;
    private final boolean training;
    private final boolean mayOverwrite;
    private final String node;

    public Inputs(String node, @Nullable Tensor[] values, boolean training) {
        this(node, values, training, false);
    }

    /**
     * @param mayOverwrite whether the first input may be changed in place
     */
    public Inputs(String node, @Nullable Tensor[] values, boolean training, boolean mayOverwrite) {
        this.node = node;
        this.values = values;
        this.training = training;
        this.mayOverwrite = mayOverwrite;
    }

    /** Returns an input that must be there. */
    public Tensor get(int index) {
        Tensor value = index < values.length ? values[index] : null;
        if (value == null) {
            throw new UnsupportedOperatorException(node, "lacks its input " + index);
        }
        return value;
    }

    /** Says whether an input is there. */
    public boolean has(int index) {
        return index < values.length && values[index] != null;
    }

    /** Returns the number of inputs, absent ones included. */
    public int size() {
        return values.length;
    }

    /** Returns an input, or libtorch's word for none. */
    public TensorOptional optional(int index) {
        return has(index) ? new TensorOptional(get(index)) : new TensorOptional();
    }

    /** Returns the integers of a small input, row-major. */
    public long[] integers(int index) {
        return integers(get(index));
    }

    /** Returns the integers of a small input, or none if it is absent. */
    public long[] integersOrNone(int index) {
        return has(index) ? integers(index) : NONE;
    }

    /** Returns the numbers of a small input, or none if it is absent. */
    public double[] numbersOrNone(int index) {
        if (!has(index)) {
            return new double[0];
        }
        Tensor value = get(index);
        double[] copy = new double[Math.toIntExact(value.numel())];
        if (copy.length > 0) { // a tensor of nothing has no data to point to
            Tensor host = value.detach().to(new Device("cpu"), torch.ScalarType.Double);
            host.contiguous().data_ptr_double().get(copy);
        }
        return copy;
    }

    /** Returns a number that must be there. */
    public double number(int index) {
        return numbersOrNone(index)[0];
    }

    /** Says whether the first input may be changed in place: nobody else reads it, the backward pass of its maker neither. */
    public boolean mayOverwrite() {
        return mayOverwrite;
    }

    /** Says whether batch normalisation and dropout behave as in training. */
    public boolean training() {
        return training;
    }

    /** Read many times a step, so what lies ready is not moved. */
    private static long[] integers(Tensor value) {
        long[] copy = new long[Math.toIntExact(value.numel())];
        if (copy.length > 0) { // a tensor of nothing has no data to point to
            boolean ready = value.is_cpu() && value.scalar_type() == torch.ScalarType.Long;
            Tensor host = ready ? value : value.detach().to(new Device("cpu"), torch.ScalarType.Long);
            LongPointer data = host.is_contiguous()
                    ? host.data_ptr_long()
                    : host.contiguous().data_ptr_long();
            data.get(copy);
        }
        return copy;
    }

    /**
     * Returns a value on the device of another, if that is not the processor.
     *
     * <p>A single number on the processor stays there: libtorch mixes it with values of any device.
     */
    static Tensor beside(Tensor value, Tensor other) {
        boolean moves = value.is_cpu() && value.dim() > 0 && !other.is_cpu();
        return moves ? value.to(other.device(), value.scalar_type()) : value;
    }

    /** Returns a tensor's shape. */
    static long[] shape(Tensor value) {
        long[] shape = new long[(int) value.dim()];
        for (int d = 0; d < shape.length; d++) {
            shape[d] = value.size(d);
        }
        return shape;
    }
}
