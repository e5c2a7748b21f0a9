package io.maskstream.trainer.network.operator;

/** A graph asks for something that cannot be trained through. */
public final class UnsupportedOperatorException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public UnsupportedOperatorException(String message) {
        super(message);
    }
}
