package io.maskstream.service;

/**
 * What is wrong with a request and what to do about it; becomes the answer {@code {"error": …, "remedy": …}}.
 *
 * <p>Throw it from a route's handler.
 */
public final class HttpProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String remedy;

    /**
     * @param status HTTP status, 400 to 599
     * @param error what was expected and what was found
     * @param remedy what the caller can do
     */
    public HttpProblem(int status, String error, String remedy) {
        super(error);
        this.status = status;
        this.remedy = remedy;
    }

    /** Returns the HTTP status. */
    public int status() {
        return status;
    }

    /** Returns what the caller can do. */
    public String remedy() {
        return remedy;
    }
}
