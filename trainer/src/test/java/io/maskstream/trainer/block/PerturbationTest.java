package io.maskstream.trainer.block;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.network.GraphNetwork;
import io.maskstream.trainer.network.SegmentationNetwork;
import io.maskstream.trainer.network.Taps;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class PerturbationTest {
    @Test
    void changesNothing_whenNoChannelIsDropped() {
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(
                        StartingModels.named("light").build(ClassList.of(List.of("sky", "road", "car")), 32, 48, 1),
                        Device.CPU)) {
            Tensor images = torch.randn(2, 3, 32, 48);
            Taps taps = Perturbation.channelDropout(0, Taps.ENCODER).taps(new Plain());

            assertThat(Fixture.floats(network.forward(images, taps).logits()))
                    .isEqualTo(Fixture.floats(network.forward(images).logits()));
            assertThat(Fixture.floats(network.forward(
                                    images,
                                    Perturbation.channelDropout(0.5, Taps.ENCODER)
                                            .taps(new Plain()))
                            .logits()))
                    .isNotEqualTo(Fixture.floats(network.forward(images).logits()));
        }
    }

    @Test
    void dropsWholeChannels_andScalesTheOthersUp() {
        try (PointerScope scope = new PointerScope()) {
            torch.manual_seed(1);
            Taps taps = Perturbation.channelDropout(0.5, "features").taps(new Plain());

            Tensor changed =
                    Objects.requireNonNull(taps.changes().get("features")).apply(torch.ones(4, 50, 2, 2));

            float[] values = Fixture.floats(changed);
            int dropped = 0;
            for (int channel = 0; channel < 200; channel++) {
                float first = values[channel * 4];
                assertThat(first).isIn(0f, 2f);
                assertThat(new float[] {values[channel * 4 + 1], values[channel * 4 + 2], values[channel * 4 + 3]})
                        .containsOnly(first);
                dropped += first == 0 ? 1 : 0;
            }
            assertThat(dropped).isBetween(75, 125);
        }
    }

    @Test
    void givesTheHeadNoGradient_andTheFeaturesTheSame() {
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(
                        StartingModels.named("light").build(ClassList.of(List.of("sky", "road", "car")), 32, 48, 1),
                        Device.CPU)) {
            Tensor images = torch.randn(2, 3, 32, 48);
            Map<String, float[]> plain = gradients(network, images, Taps.NONE);
            Map<String, float[]> spared = gradients(
                    network,
                    images,
                    Perturbation.sparingHead().and(Perturbation.NONE).taps(new Looking(network)));

            assertThat(network.head()).isNotEmpty();
            assertThat(plain).containsKeys(network.head().toArray(String[]::new));
            assertThat(spared.keySet()).doesNotContainAnyElementsOf(network.head());
            plain.keySet().removeAll(network.head());
            assertThat(spared.keySet()).isEqualTo(plain.keySet());
            plain.forEach((name, gradient) -> assertThat(spared.get(name)).isEqualTo(gradient));
        }
    }

    /** A branch may be taught by images without annotation alone; were its classifier spared too, it would stay as it was drawn. */
    @Test
    void letsTheClassifierOfABranchLearn_whenTheHeadIsSpared() {
        ModelProto model = ExtraBranches.withDecoder(
                StartingModels.named("light").build(ClassList.of(List.of("sky", "road", "car")), 32, 48, 1),
                "aside",
                Taps.ENCODER,
                ExtraBranches.Start.FRESH,
                1);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU)) {
            Set<String> ofTheBranch = network.head().stream()
                    .filter(name -> ExtraBranches.isOf("aside", name))
                    .collect(Collectors.toSet());
            Taps spared = Perturbation.sparingHead().taps(new Looking(network));

            network.forward(torch.randn(2, 3, 32, 48), spared)
                    .get(ExtraBranches.logits("aside"))
                    .pow(new Scalar(2.0))
                    .mean()
                    .backward();

            assertThat(ofTheBranch).isNotEmpty().allSatisfy(name -> assertThat(
                            Objects.requireNonNull(network.parameters().get(name))
                                    .grad()
                                    .defined())
                    .isTrue());
            assertThat(spared.held()).isNotEmpty().doesNotContainAnyElementsOf(ofTheBranch);
        }
    }

    private static Map<String, float[]> gradients(GraphNetwork network, Tensor images, Taps taps) {
        network.clearGradients();
        network.forward(images, taps).logits().pow(new Scalar(2.0)).mean().backward();
        Map<String, float[]> gradients = new HashMap<>();
        network.parameters().forEach((name, parameter) -> {
            if (parameter.grad().defined()) {
                gradients.put(name, Fixture.floats(parameter.grad()));
            }
        });
        return gradients;
    }

    private record Looking(SegmentationNetwork learner) implements Perturbation.Pass {
        @Override
        public Tensor images() {
            throw new IllegalStateException("the head is spared whatever is seen");
        }

        @Override
        public SegmentationNetwork member(String name) {
            throw new IllegalStateException("the head is spared whatever others say");
        }

        @Override
        public Progress progress() {
            return new Progress(0, 1, 1);
        }
    }

    private record Plain() implements Perturbation.Pass {
        @Override
        public Tensor images() {
            throw new IllegalStateException("dropout does not look at pictures");
        }

        @Override
        public SegmentationNetwork learner() {
            throw new IllegalStateException("dropout does not ask for the network");
        }

        @Override
        public SegmentationNetwork member(String name) {
            throw new IllegalStateException("dropout asks nobody");
        }

        @Override
        public Progress progress() {
            return new Progress(0, 1, 1);
        }
    }
}
