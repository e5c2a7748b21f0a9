package io.maskstream.segmentation.image;

import java.util.Arrays;

/**
 * An immutable run of bytes that compares by content, which an array does not.
 *
 * <p>Not a record, because a record would hand out its array.
 */
public final class Bytes {
    private final byte[] values;

    private Bytes(byte[] values) {
        this.values = values;
    }

    /** Returns a copy of the array. */
    public static Bytes copyOf(byte[] values) {
        return new Bytes(values.clone());
    }

    /** Takes the array over without copying; the caller gives it up and never writes to it again. */
    public static Bytes wrap(byte[] values) {
        return new Bytes(values);
    }

    /** Returns the number of bytes. */
    public int length() {
        return values.length;
    }

    /** Returns the byte at an index as an unsigned number, 0 to 255. */
    public int at(int index) {
        return values[index] & 0xff;
    }

    /** Returns a copy. */
    public byte[] toArray() {
        return values.clone();
    }

    /** Copies a range into an array. */
    public void copyTo(int from, byte[] target, int targetFrom, int length) {
        System.arraycopy(values, from, target, targetFrom, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "Bytes[" + values.length + "]";
    }
}
