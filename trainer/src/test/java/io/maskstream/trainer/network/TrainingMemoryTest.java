package io.maskstream.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.maskstream.segmentation.graph.Attributes;
import io.maskstream.segmentation.graph.GraphBuilder;
import io.maskstream.segmentation.model.Device;
import io.maskstream.trainer.libtorch.Torch;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TrainingMemoryTest {
    /** Many small operators gain nothing from more threads and lose much where others want the processors. */
    @BeforeAll
    static void useOneThread() {
        Torch.threads(1);
    }

    private static final int STEPS = 1000;
    private static final int WARM_UP = 100;
    private static final long ALLOWED = 48L << 20; // one leaked step holds about 0.5 MiB, so 900 would hold 450

    @Test
    void doesNotGrow_whenAThousandStepsAreTrained() {
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(small(), Device.CPU)) {
            network.train();
            Tensor images = torch.rand(2, 3, 48, 48);
            Tensor truth = torch.zeros(2, 48, 48).to(torch.ScalarType.Long);
            AdamW optimiser = new AdamW(
                    new TensorVector(network.parameters().values().toArray(Tensor[]::new)), new AdamWOptions(1e-3));
            long pointers = 0;
            long bytes = 0;
            for (int step = 0; step < STEPS; step++) {
                if (step == WARM_UP) {
                    System.gc();
                    pointers = Pointer.totalCount();
                    bytes = Pointer.physicalBytes();
                }
                try (PointerScope inner = new PointerScope()) {
                    optimiser.zero_grad();
                    torch.cross_entropy_loss(network.forward(images).logits(), truth)
                            .backward();
                    optimiser.step();
                }
            }
            System.gc();
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(pointers);
            assertThat(Pointer.physicalBytes() - bytes).isLessThan(ALLOWED);
        }
    }

    /** One of every kind of node that a starting model has. */
    private static ModelProto small() {
        GraphBuilder graph = GraphBuilder.empty("small");
        graph.input("image", TensorProto.DataType.FLOAT_VALUE, "N", "3", "H", "W");
        String features = graph.node(
                "Conv",
                List.of("image", graph.weight("w", GraphNetworkTest.noise(8 * 3 * 9), 8, 3, 3, 3)),
                Attributes.ints("pads", 1, 1, 1, 1));
        String normal = graph.node(
                "BatchNormalization",
                List.of(features, ones(graph, "s"), ones(graph, "b"), ones(graph, "m"), ones(graph, "v")));
        String active = graph.node("Relu", List.of(normal));
        String half = graph.node(
                "MaxPool", List.of(active), Attributes.ints("kernel_shape", 2, 2), Attributes.ints("strides", 2, 2));
        String shape = graph.node("Shape", List.of(active));
        String full = graph.node("Resize", List.of(half, "", "", shape), Attributes.text("mode", "linear"));
        String both = graph.node("Concat", List.of(active, full), Attributes.integer("axis", 1));
        graph.named("logits", "Conv", List.of(both, graph.weight("c", GraphNetworkTest.noise(32), 2, 16, 1, 1)));
        graph.output("logits", TensorProto.DataType.FLOAT_VALUE, "N", "2", "H", "W");
        return graph.build();
    }

    private static String ones(GraphBuilder graph, String name) {
        return graph.weight(name, new float[] {1, 1, 1, 1, 1, 1, 1, 1}, 8);
    }
}
