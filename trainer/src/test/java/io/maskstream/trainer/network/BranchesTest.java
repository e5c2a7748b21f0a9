package io.maskstream.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.ExtraBranches;
import io.maskstream.segmentation.model.FeatureTaps;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Extra heads and decoders at work: what libtorch gives is what ONNX Runtime gives, and each learns for itself. */
class BranchesTest {
    private static final int HEIGHT = 48;
    private static final int WIDTH = 64;
    private static final ClassList CLASSES = ClassList.of(List.of("sky", "road", "car"));

    @BeforeAll
    static void useOneThread() {
        Torch.threads(1);
    }

    @Test
    void agreesWithOnnxRuntime_onEveryBranch() throws Exception {
        ModelProto model = branched();
        float[] picture = GraphNetworkTest.noise(2 * 3 * HEIGHT * WIDTH);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU)) {
            Outputs outputs = network.forward(torch.tensor(picture).reshape(2, 3, HEIGHT, WIDTH));
            for (String branch : List.of("deep", "twin", "other")) {
                float[] expected = GraphNetworkTest.onnxRuntime(
                        alone(model, ExtraBranches.logits(branch)), picture, 2, 3, HEIGHT, WIDTH);
                float[] given = ImageTensors.toFloats(outputs.logits(branch));
                for (int i = 0; i < given.length; i++) {
                    assertThat(given[i]).as(branch).isCloseTo(expected[i], within(1e-4f));
                }
            }
            assertThat(ImageTensors.toFloats(outputs.logits("twin")))
                    .isEqualTo(ImageTensors.toFloats(outputs.logits()));
        }
    }

    @Test
    void changesOneBranchAlone_throughItsEntry() {
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(branched(), Device.CPU)) {
            Tensor images = torch.rand(2, 3, HEIGHT, WIDTH);
            Outputs plain = network.forward(images);
            Outputs changed = network.forward(
                    images, Taps.changing(ExtraBranches.entry("twin"), value -> value.mul(new Scalar(0.0))));
            Outputs all = network.forward(images, Taps.changing(Taps.ENCODER, value -> value.mul(new Scalar(0.0))));

            assertThat(ImageTensors.toFloats(changed.logits())).isEqualTo(ImageTensors.toFloats(plain.logits()));
            assertThat(ImageTensors.toFloats(changed.logits("other")))
                    .isEqualTo(ImageTensors.toFloats(plain.logits("other")));
            assertThat(ImageTensors.toFloats(changed.logits("twin")))
                    .isNotEqualTo(ImageTensors.toFloats(plain.logits("twin")))
                    .isEqualTo(ImageTensors.toFloats(all.logits("twin")));
        }
    }

    @Test
    void movesItsOwnWeightsAndTheEncoders_whenABranchLearns() {
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(branched(), Device.CPU)) {
            network.train();
            network.forward(torch.rand(2, 3, HEIGHT, WIDTH))
                    .logits("other")
                    .square()
                    .mean()
                    .backward();

            Set<String> moved = network.parameters().entrySet().stream()
                    .filter(parameter -> parameter.getValue().grad().defined())
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(moved).anyMatch(name -> name.startsWith("extra/other/"));
            assertThat(moved).noneMatch(name -> name.startsWith("extra/deep/") || name.startsWith("extra/twin/"));
            assertThat(moved).doesNotContainAnyElementsOf(ownDecoder(network, moved));
            assertThat(network.head()).anyMatch(name -> name.startsWith("extra/other/"));
        }
    }

    @Test
    void findsFeatures_inANetworkThatDoesNotNameThem() throws Exception {
        Path path = Path.of(System.getProperty("maskstream.models", "models"), "deeplabv3-mobilenetv2-05-voc.onnx");
        assumeTrue(Files.exists(path), "the shared models are not here: " + path);
        ModelProto model = ModelFile.read(path);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(model, Device.CPU)) {
            Tensor images = torch.rand(1, 3, 97, 129);

            Outputs outputs = network.forward(images, Taps.of(Taps.ENCODER, Taps.DECODER));
            Outputs changed = network.forward(images, Taps.changing(Taps.ENCODER, value -> value.mul(new Scalar(0.0))));

            assertThat(outputs.get(Taps.ENCODER).size(1)).isEqualTo(160);
            assertThat(outputs.get(Taps.DECODER).size(1)).isEqualTo(256);
            assertThat(ImageTensors.toFloats(changed.logits())).isNotEqualTo(ImageTensors.toFloats(outputs.logits()));
            ModelProto named = FeatureTaps.named(model, 97, 129);
            try (GraphNetwork tapped = GraphNetwork.of(named, Device.CPU)) {
                assertThat(ImageTensors.toFloats(tapped.forward(images).get(Taps.ENCODER)))
                        .isEqualTo(ImageTensors.toFloats(outputs.get(Taps.ENCODER)));
                assertThat(ImageTensors.toFloats(
                                tapped.forward(images, Taps.changing(Taps.ENCODER, value -> value.mul(new Scalar(0.0))))
                                        .logits()))
                        .isEqualTo(ImageTensors.toFloats(changed.logits()));
            }
        }
    }

    /** The weights whose copies the branch learned: the main decoder, which must have stayed. */
    private static List<String> ownDecoder(GraphNetwork network, Set<String> moved) {
        List<String> originals = moved.stream()
                .filter(name -> name.startsWith("extra/other/"))
                .map(name -> name.substring("extra/other/".length()))
                .toList();
        assertThat(network.parameters()).containsKeys(originals.toArray(String[]::new));
        return originals;
    }

    private static ModelProto branched() {
        ModelProto model = StartingModels.named("unet").build(CLASSES, HEIGHT, WIDTH, 3);
        ModelProto with = ExtraBranches.withHead(model, "deep", "decoder", 16, 8, CLASSES.size(), 1);
        with = ExtraBranches.withDecoder(with, "twin", "encoder", ExtraBranches.Start.COPIED, 1);
        return ExtraBranches.withDecoder(with, "other", "encoder", ExtraBranches.Start.FRESH, 2);
    }

    private static ModelProto alone(ModelProto model, String output) {
        ModelProto.Builder alone = model.toBuilder();
        List<ValueInfoProto> outputs = alone.getGraphBuilder().getOutputList().stream()
                .filter(value -> value.getName().equals(output))
                .toList();
        alone.getGraphBuilder().clearOutput().addAllOutput(outputs);
        return alone.build();
    }
}
