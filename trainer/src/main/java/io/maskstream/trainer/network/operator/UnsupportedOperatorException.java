package io.maskstream.trainer.network.operator;

/** A graph asks for something that cannot be trained through. */
public final class UnsupportedOperatorException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String node;
    private final String reason;

    /**
     * Makes one of a node's description and a verb phrase.
     *
     * @param node as {@link GraphNode#description} gives it
     * @param reason goes on after the node, as in "has the attribute x, which is not supported"
     */
    public UnsupportedOperatorException(String node, String reason) {
        super("node " + node + " " + reason);
        this.node = node;
        this.reason = reason;
    }

    /** Returns the operator and the name of the node. */
    public String node() {
        return node;
    }

    /** Returns what it asks for. */
    public String reason() {
        return reason;
    }
}
