package io.maskstream.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.libtorch.ImageTensors;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class TrainerBenchTest {
    @Test
    void comparesTwoNetworksThatSayTheSame() {
        ClassList classes = ClassList.of(List.of("sky", "road", "car"));
        try (PointerScope scope = new PointerScope();
                GraphNetwork graph =
                        GraphNetwork.of(StartingModels.named("unet").build(classes, 33, 42, 1), Device.CPU);
                GraphNetwork weights = graph.copy()) {
            graph.train();
            Tensor images =
                    torch.tensor(GraphNetworkTest.noise(2 * 3 * 33 * 42)).reshape(2, 3, 33, 42);
            Tensor ours = graph.forward(images).logits();
            Tensor direct = new DirectUNet(weights).forward(images);
            GraphNetworkTest.assertClose(ImageTensors.toFloats(ours), ImageTensors.toFloats(direct), 1e-5);
            graph.buffers().forEach((name, statistic) -> {
                Tensor other = Objects.requireNonNull(weights.buffers().get(name));
                assertThat(statistic.sub(other).abs().max().item_double())
                        .as(name)
                        .isLessThan(1e-5);
            });
        }
    }

    @Test
    void reportsBothTimesAndTheirRatio() {
        assertThat(TrainerBench.run(Device.CPU, 0, 1)).singleElement().satisfies(run -> {
            assertThat(run.ours()).isPositive();
            assertThat(run.ratio()).isEqualTo(run.ours() / run.reference());
        });
    }
}
