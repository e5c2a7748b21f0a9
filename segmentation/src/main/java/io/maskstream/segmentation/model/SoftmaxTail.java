package io.maskstream.segmentation.model;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.graph.GraphPruning;
import java.util.List;

/** Ends a trainable graph in class probabilities. */
final class SoftmaxTail {
    private SoftmaxTail() {}

    /** Returns the graph with the one output {@code probabilities}, {@code [N, C, H, W]}. */
    static ModelProto attach(ModelProto trainable, double temperature) {
        GraphBuilder graph = GraphBuilder.on(GraphPruning.keep(trainable, List.of(PseudoLabelHead.LOGITS)))
                .within("softmax/")
                .clearOutputs();
        String scaled = graph.node("Div", List.of(PseudoLabelHead.LOGITS, graph.scalar(temperature)));
        String probabilities = graph.node("Softmax", List.of(scaled), Attributes.integer("axis", 1));
        graph.output(probabilities, TensorProto.DataType.FLOAT_VALUE, "N", "C", "H", "W");
        return graph.build();
    }
}
