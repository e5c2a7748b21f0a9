package io.maskstream.trainer.network.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.NodeProto;
import org.junit.jupiter.api.Test;

class RefusalsTest {
    @Test
    void refusesNothingThatRuns() {
        assertThat(Refusals.all().keySet()).doesNotContainAnyElementsOf(Operators.names());
    }

    @Test
    void saysWhyAndWhatToDo() {
        NodeProto loop = NodeProto.newBuilder()
                .setOpType("Loop")
                .setName("decoder")
                .addOutput("y")
                .build();
        assertThatThrownBy(() -> Operators.prepare(new GraphNode(loop, 17)))
                .isInstanceOf(UnsupportedOperatorException.class)
                .hasMessageContaining("node Loop 'decoder'")
                .hasMessageContaining("export the network with that unrolled");
    }
}
