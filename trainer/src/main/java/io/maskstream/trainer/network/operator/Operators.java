package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.maskstream.segmentation.graph.GraphView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The operators that can be trained through; a new one is a row of its family, a new family a line here. */
public final class Operators {
    private static final TreeMap<String, Operator> BY_NAME = new TreeMap<>();

    static {
        Stream.of(
                        Activations.all(),
                        Distributions.all(),
                        Arithmetic.all(),
                        Branches.all(),
                        Convolutions.all(),
                        Functions.all(),
                        Gathering.all(),
                        Linear.all(),
                        Logic.all(),
                        Normalisation.all(),
                        Ordering.all(),
                        Pooling.all(),
                        Reductions.all(),
                        Resizing.all(),
                        Sampling.all(),
                        Scattering.all(),
                        Shapes.all(),
                        Shaping.all(),
                        Slicing.all())
                .flatMap(List::stream)
                .forEach(Operators::add);
    }

    private Operators() {}

    private static void add(Operator operator) {
        if (BY_NAME.put(operator.name(), operator) != null) {
            throw new IllegalStateException("two families have the operator " + operator.name());
        }
    }

    /**
     * A node that cannot be trained through.
     *
     * @param node its operator and its name, or what it gives
     * @param reason what it asks for
     */
    public record Problem(String node, String reason) {
        /** Returns a sentence. */
        @Override
        public String toString() {
            return "node " + node + " " + reason;
        }
    }

    /** Returns all operators, sorted by name. */
    public static Collection<Operator> all() {
        return Collections.unmodifiableCollection(BY_NAME.values());
    }

    /** Returns the names of all operators, sorted. */
    public static Set<String> names() {
        return Collections.unmodifiableSet(BY_NAME.keySet());
    }

    /** Returns an operator by its name. */
    public static Optional<Operator> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /**
     * Returns every node that cannot be trained through, in the order of the graph; none if all can.
     *
     * <p>What depends on the values or shapes that flow is not seen here: such a node refuses when it runs. Constants are no
     * operators, since they become weights.
     */
    public static List<Problem> problems(ModelProto model) {
        int opset = GraphView.opset(model);
        List<Problem> problems = new ArrayList<>();
        for (NodeProto node : model.getGraph().getNodeList()) {
            GraphNode read = new GraphNode(node, opset);
            boolean constant = Constants.isConstant(node);
            if (!constant && !BY_NAME.containsKey(read.operator())) {
                problems.add(new Problem(read.description(), unknown(read)));
                continue;
            }
            try {
                if (constant) {
                    Constants.tensor(node);
                } else {
                    prepare(read);
                }
            } catch (UnsupportedOperatorException e) {
                problems.add(new Problem(e.node(), e.reason()));
            }
        }
        return problems;
    }

    private static String unknown(GraphNode node) {
        return "cannot run: the operator " + node.operator() + " is not supported"
                + Refusals.reason(node.operator())
                        .map(reason -> ", since it " + reason)
                        .orElse("");
    }

    /**
     * Makes a node ready to run.
     *
     * @throws UnsupportedOperatorException if there is no such operator, if it is younger than the operator set of the
     *     graph, or if the node has an attribute or a value of one that is not supported, naming the node
     */
    public static Operation prepare(GraphNode node) {
        Operator operator = BY_NAME.get(node.operator());
        if (operator == null) {
            throw node.refused(unknown(node) + "; supported are " + String.join(", ", BY_NAME.keySet()));
        }
        if (node.opset() < operator.since()) {
            throw node.refused("needs operator set " + operator.since() + " or newer, the graph is of " + node.opset());
        }
        Operation operation = operator.factory().prepare(node);
        if (!node.unread().isEmpty()) {
            throw node.unsupported("the attribute " + String.join(", ", node.unread()));
        }
        return operation;
    }
}
