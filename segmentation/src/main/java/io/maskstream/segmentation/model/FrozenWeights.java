package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which weights of a graph patterns name, so that training leaves them as they are.
 *
 * <p>A pattern is matched against the whole name of an initializer, and against the whole names of the nodes that read
 * it: exporters that fold batch normalisation leave weights with numbers for names, and only the nodes still say where
 * they belong. {@code *} stands for any text and {@code ?} for one character; all else stands for itself.
 */
public final class FrozenWeights {
    private FrozenWeights() {}

    /** Returns the names of the initializers that any of the patterns names, in the graph's order. */
    public static Set<String> of(GraphProto graph, List<String> patterns) {
        Set<String> frozen = new LinkedHashSet<>();
        List<Pattern> compiled = patterns.stream().map(FrozenWeights::compile).toList();
        Map<String, List<String>> readers = readers(graph);
        for (TensorProto weight : graph.getInitializerList()) {
            List<String> names = new ArrayList<>(readers.getOrDefault(weight.getName(), List.of()));
            names.add(weight.getName());
            if (names.stream().anyMatch(name -> compiled.stream()
                    .anyMatch(pattern -> pattern.matcher(name).matches()))) {
                frozen.add(weight.getName());
            }
        }
        return frozen;
    }

    private static Map<String, List<String>> readers(GraphProto graph) {
        Map<String, List<String>> readers = new HashMap<>();
        for (NodeProto node : graph.getNodeList()) {
            for (String input : node.getInputList()) {
                readers.computeIfAbsent(input, name -> new ArrayList<>()).add(node.getName());
            }
        }
        return readers;
    }

    private static Pattern compile(String glob) {
        StringBuilder expression = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            switch (c) {
                case '*' -> expression.append(".*");
                case '?' -> expression.append('.');
                default -> expression.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(expression.toString(), Pattern.DOTALL);
    }
}
