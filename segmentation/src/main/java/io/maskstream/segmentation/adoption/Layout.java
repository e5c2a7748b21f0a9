package io.maskstream.segmentation.adoption;

import java.util.Locale;

/** The order of a picture's axes. */
public enum Layout {
    /** Pictures, channels, rows, columns: PyTorch, PaddlePaddle, and all that is trained here. */
    NCHW,
    /** Pictures, rows, columns, channels: Keras and TensorFlow. */
    NHWC;

    /** Returns the layout of that name, or throws {@link IllegalArgumentException} with both. */
    public static Layout named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "nchw" -> NCHW;
            case "nhwc" -> NHWC;
            default -> throw new IllegalArgumentException("a layout is nchw or nhwc, found '" + name + "'");
        };
    }

    int channelAxis() {
        return this == NCHW ? 1 : 3;
    }

    int rowAxis() {
        return this == NCHW ? 2 : 1;
    }

    long[] shape(long pictures, long channels, long rows, long columns) {
        return this == NCHW
                ? new long[] {pictures, channels, rows, columns}
                : new long[] {pictures, rows, columns, channels};
    }
}
