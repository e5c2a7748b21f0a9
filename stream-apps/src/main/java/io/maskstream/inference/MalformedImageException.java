package io.maskstream.inference;

/** A record of the images topic that is no usable image, with what is wrong and what would be right. */
final class MalformedImageException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedImageException(String message) {
        super(message);
    }

    MalformedImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
