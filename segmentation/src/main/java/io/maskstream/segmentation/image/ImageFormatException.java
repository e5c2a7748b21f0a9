package io.maskstream.segmentation.image;

import java.io.IOException;

/** Bytes are not a picture that can be decoded within the limits; the message says what was found and what to do. */
public final class ImageFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /** Reports what is wrong with the bytes. */
    public ImageFormatException(String message) {
        super(message);
    }

    /** Reports what is wrong with the bytes, and what the decoder said. */
    public ImageFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
