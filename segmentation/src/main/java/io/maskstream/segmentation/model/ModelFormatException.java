package io.maskstream.segmentation.model;

import java.io.IOException;

/** An ONNX file that Maskstream cannot take, with what is wrong and what would be right. */
public final class ModelFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public ModelFormatException(String message) {
        super(message);
    }

    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
