package io.maskstream.trainer.network.operator;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The tensors that a node reads, and the mode of the network. */
public final class Inputs {
    private static final long[] NONE = {};

    private final @Nullable Tensor[] values;
    private final boolean training;
    private final String node;

    public Inputs(String node, @Nullable Tensor[] values, boolean training) {
        this.node = node;
        this.values = values;
        this.training = training;
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
        Tensor host = get(index).detach().to(new org.bytedeco.pytorch.Device("cpu"), torch.ScalarType.Double);
        double[] copy = new double[Math.toIntExact(host.numel())];
        host.contiguous().data_ptr_double().get(copy);
        return copy;
    }

    /** Returns a number that must be there. */
    public double number(int index) {
        return numbersOrNone(index)[0];
    }

    /** Says whether batch normalisation and dropout behave as in training. */
    public boolean training() {
        return training;
    }

    private static long[] integers(Tensor value) {
        Tensor host = value.detach().to(new org.bytedeco.pytorch.Device("cpu"), torch.ScalarType.Long);
        long[] copy = new long[Math.toIntExact(host.numel())];
        LongPointer data = host.contiguous().data_ptr_long();
        data.get(copy);
        return copy;
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
