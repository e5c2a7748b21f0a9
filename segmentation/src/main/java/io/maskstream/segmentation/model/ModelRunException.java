package io.maskstream.segmentation.model;

/** A model that was opened could not be run on a picture. */
public final class ModelRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ModelRunException(String message) {
        super(message);
    }

    public ModelRunException(String message, Throwable cause) {
        super(message, cause);
    }
}
