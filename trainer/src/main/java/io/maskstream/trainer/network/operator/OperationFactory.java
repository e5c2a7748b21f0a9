package io.maskstream.trainer.network.operator;

/** Reads a node's attributes once, so that a step reads none. */
@FunctionalInterface
public interface OperationFactory {
    /**
     * Makes the node ready.
     *
     * @throws UnsupportedOperatorException if the node asks for something that is not supported, naming it
     */
    Operation prepare(GraphNode node);
}
