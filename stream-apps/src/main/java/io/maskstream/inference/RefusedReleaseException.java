package io.maskstream.inference;

/** A release that cannot serve, with what is wrong with it; the model that serves goes on serving. */
final class RefusedReleaseException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedReleaseException(String message) {
        super(message);
    }

    RefusedReleaseException(String message, Throwable cause) {
        super(message, cause);
    }
}
