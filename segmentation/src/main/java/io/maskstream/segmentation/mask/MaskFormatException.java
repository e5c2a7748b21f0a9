package io.maskstream.segmentation.mask;

import java.io.IOException;

/** Bytes are not a mask or confidence map that can be read; the message says what was expected and what was found. */
public final class MaskFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /** Reports what is wrong with the bytes. */
    public MaskFormatException(String message) {
        super(message);
    }

    /** Reports what is wrong with the bytes, and what the decoder said. */
    public MaskFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
