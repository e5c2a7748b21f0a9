package io.maskstream.trainer.network.operator;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The choice between two parts of a graph.
 *
 * <p>Exporters leave it where the shape decides what to do, around a squeeze for example, so the condition lies on the
 * processor and is cheap to read. The chosen branch is run like the rest of the graph. It reads the values around it by
 * name; {@link #captured} tells which, and they are the node's inputs after the condition.
 */
final class Branches {
    private static final List<String> NAMES = List.of("then_branch", "else_branch");

    private Branches() {}

    static List<Operator> all() {
        return List.of(Operator.of("If", Branches::conditional)
                .noting("runs the chosen branch; constants inside of the branches are not trained"));
    }

    private static Operation conditional(GraphNode node) {
        List<String> captured = node.captured();
        Branch then = new Branch(node.graph("then_branch"), captured, node.opset());
        Branch otherwise = new Branch(node.graph("else_branch"), captured, node.opset());
        return in -> (in.number(0) == 0 ? otherwise : then).run(in);
    }

    /** Returns the names that the graphs inside of a node read from around it, each once. */
    static List<String> captured(NodeProto node) {
        Set<String> captured = new LinkedHashSet<>();
        node.getAttributeList().stream()
                .filter(attribute -> NAMES.contains(attribute.getName()))
                .forEach(attribute -> capture(attribute.getG(), captured));
        return List.copyOf(captured);
    }

    private static void capture(GraphProto graph, Set<String> captured) {
        Set<String> own = new LinkedHashSet<>(Set.of(""));
        graph.getInitializerList().forEach(constant -> own.add(constant.getName()));
        for (NodeProto node : graph.getNodeList()) {
            GraphNode.reads(node).stream().filter(name -> !own.contains(name)).forEach(captured::add);
            own.addAll(node.getOutputList());
        }
        graph.getOutputList().stream()
                .map(ValueInfoProto::getName)
                .filter(name -> !own.contains(name))
                .forEach(captured::add);
    }

    /** One branch, made ready: its values are numbered, those from around it first. */
    private static final class Branch {
        private final List<Step> steps = new ArrayList<>();
        private final Map<String, Integer> slots = new LinkedHashMap<>();
        private final Map<Integer, TensorProto> constants = new LinkedHashMap<>();
        private final int[] given;

        /** A node of the branch; an absent input is below zero. */
        @SuppressWarnings("ArrayRecordComponent") // read when it runs, compared by nobody
        private record Step(String name, Operation operation, int[] inputs, int[] outputs) {}

        Branch(GraphProto graph, List<String> captured, int opset) {
            captured.forEach(this::slot);
            graph.getInitializerList().forEach(constant -> constants.put(slot(constant.getName()), constant));
            for (NodeProto proto : graph.getNodeList()) {
                GraphNode node = new GraphNode(proto, opset);
                if (Constants.isConstant(proto)) {
                    constants.put(slot(proto.getOutput(0)), Constants.tensor(proto));
                } else {
                    steps.add(new Step(
                            node.description(),
                            Operators.prepare(node),
                            slots(GraphNode.reads(proto)),
                            slots(proto.getOutputList())));
                }
            }
            given = slots(
                    graph.getOutputList().stream().map(ValueInfoProto::getName).toList());
        }

        private int slot(String name) {
            return slots.computeIfAbsent(name, unknown -> slots.size());
        }

        private int[] slots(List<String> names) {
            return names.stream()
                    .mapToInt(name -> name.isEmpty() ? -1 : slot(name))
                    .toArray();
        }

        Tensor[] run(Inputs around) {
            @Nullable Tensor[] values = new Tensor[slots.size()];
            for (int i = 1; i < around.size(); i++) {
                values[i - 1] = around.get(i);
            }
            constants.forEach((slot, constant) -> values[slot] = TensorProtos.read(constant));
            for (Step step : steps) {
                @Nullable Tensor[] read = new Tensor[step.inputs.length];
                for (int i = 0; i < read.length; i++) {
                    read[i] = step.inputs[i] < 0 ? null : values[step.inputs[i]];
                }
                Tensor[] outputs = step.operation.run(new Inputs(step.name, read, around.training()));
                for (int i = 0; i < step.outputs.length; i++) {
                    if (step.outputs[i] >= 0) {
                        values[step.outputs[i]] = outputs[i];
                    }
                }
            }
            Tensor[] results = new Tensor[given.length];
            for (int i = 0; i < given.length; i++) {
                results[i] = new Tensor(values[given[i]]);
            }
            return results;
        }
    }
}
