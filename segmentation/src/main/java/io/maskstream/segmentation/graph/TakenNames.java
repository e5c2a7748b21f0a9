package io.maskstream.segmentation.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** The names that a graph's values and nodes have, so that no new one is given twice. */
public final class TakenNames {
    private final Set<String> names = new HashSet<>();

    /** Begins with the names of a graph. */
    public TakenNames(GraphProto graph) {
        graph.getInputList().forEach(value -> names.add(value.getName()));
        graph.getInitializerList().forEach(value -> names.add(value.getName()));
        graph.getNodeList().forEach(node -> {
            names.addAll(node.getOutputList());
            names.add(node.getName());
        });
    }

    /** Takes a name. */
    public void take(String name) {
        names.add(name);
    }

    /** Takes names. */
    public void take(Collection<String> several) {
        names.addAll(several);
    }

    /** Returns a name that nothing has yet, the wanted one or that with a number, and takes it. */
    public String unique(String wanted) {
        String name = wanted;
        for (int i = 1; !names.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }
}
