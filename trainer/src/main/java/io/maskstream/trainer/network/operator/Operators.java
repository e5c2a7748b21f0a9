package io.maskstream.trainer.network.operator;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The operators that can be trained through; a new one is an entry of its family. */
public final class Operators {
    private static final Map<String, OperationFactory> BY_NAME = new TreeMap<>();

    static {
        BY_NAME.putAll(Activations.all());
        BY_NAME.putAll(Arithmetic.all());
        BY_NAME.putAll(Convolutions.all());
        BY_NAME.putAll(Linear.all());
        BY_NAME.putAll(Normalisation.all());
        BY_NAME.putAll(Pooling.all());
        BY_NAME.putAll(Reductions.all());
        BY_NAME.putAll(Resizing.all());
        BY_NAME.putAll(Shapes.all());
        BY_NAME.putAll(Shaping.all());
    }

    private Operators() {}

    /** Returns the names of all operators, sorted. */
    public static Set<String> names() {
        return Collections.unmodifiableSet(BY_NAME.keySet());
    }

    /**
     * Makes a node ready to run.
     *
     * @throws UnsupportedOperatorException if there is no such operator, naming the node and all there are
     */
    public static Operation prepare(GraphNode node) {
        OperationFactory factory = BY_NAME.get(node.operator());
        if (factory == null) {
            throw new UnsupportedOperatorException("node " + node.description() + ": the operator " + node.operator()
                    + " is not supported; supported are " + String.join(", ", BY_NAME.keySet()));
        }
        return factory.prepare(node);
    }
}
