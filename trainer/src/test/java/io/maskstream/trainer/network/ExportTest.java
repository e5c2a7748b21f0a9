package io.maskstream.trainer.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.image.Resampling;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelFile;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.segmentation.model.zoo.StartingModels;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The deployed model says what the trained network says. */
class ExportTest {
    /** Many small operators gain nothing from more threads and lose much where others want the processors. */
    @BeforeAll
    static void useOneThread() {
        Torch.threads(1);
    }

    private static final int HEIGHT = 40;
    private static final int WIDTH = 56;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unet-small",
                "unet",
                "unet-large",
                "deeplabv3plus-mobilenetv2",
                "fast-scnn",
                "light",
                "segformer-b0"
            })
    void givesTheSameProbabilities_whenTrainedAndExported(String name) throws Exception {
        StreetScenes scenes = new StreetScenes(5, HEIGHT, WIDTH);
        Path file = folder.resolve(name + ".onnx");
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(
                        StartingModels.named(name).build(StreetScenes.classes(), HEIGHT, WIDTH, 1), Device.CPU)) {
            ModelMetadata metadata = ModelMetadata.read(network.toModel());
            train(network, metadata, scenes, 25);
            network.eval();
            ModelFile.write(file, PseudoLabelHead.attach(network.toModel()));
            try (InferenceModel deployed = InferenceModel.open(file, Device.CPU, 1)) {
                for (RgbImage picture : pictures(scenes)) {
                    float[] expected = probabilities(network, metadata, picture);
                    GraphNetworkTest.assertClose(deployed.probabilities(picture), expected, 1e-4);
                }
            }
        }
    }

    private static void train(GraphNetwork network, ModelMetadata metadata, StreetScenes scenes, int steps) {
        List<RgbImage> images = new ArrayList<>();
        List<Mask> masks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Scene scene = scenes.scene(i);
            images.add(scene.image());
            masks.add(scene.mask());
        }
        network.train();
        Tensor batch = ImageTensors.images(images, metadata.input(), Device.CPU);
        Tensor truth = ImageTensors.masks(masks, Device.CPU);
        AdamW optimiser = new AdamW(
                new TensorVector(network.parameters().values().toArray(Tensor[]::new)), new AdamWOptions(3e-3));
        double first = 0;
        double last = 0;
        for (int step = 0; step < steps; step++) {
            try (PointerScope scope = new PointerScope()) {
                optimiser.zero_grad();
                Tensor loss = torch.cross_entropy_loss(
                        network.forward(batch).logits(), truth, new TensorOptional(), 1, Mask.IGNORE, 0);
                loss.backward();
                optimiser.step();
                first = step == 0 ? loss.item_double() : first;
                last = loss.item_double();
            }
        }
        assertThat(last).isLessThan(0.8 * first);
    }

    private static float[] probabilities(GraphNetwork network, ModelMetadata metadata, RgbImage picture) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor input = ImageTensors.images(List.of(picture), metadata.input(), Device.CPU);
            return ImageTensors.toFloats(torch.softmax(network.forward(input).logits(), 1));
        }
    }

    /** Twenty pictures: real ones where the shared data sets are, else more scenes. */
    private static List<RgbImage> pictures(StreetScenes scenes) throws IOException {
        Path real = Path.of(System.getProperty("maskstream.datasets", "datasets"), "CamVid", "JPEGImages");
        List<RgbImage> pictures = new ArrayList<>();
        if (Files.isDirectory(real)) {
            ImageDecoder decoder = new ImageDecoder(ImageLimits.DEFAULT);
            try (Stream<Path> files = Files.list(real)) {
                for (Path file : files.sorted().limit(20).toList()) {
                    pictures.add(Resampling.bilinear(decoder.decode(Files.readAllBytes(file)), HEIGHT, WIDTH));
                }
            }
        }
        for (int i = pictures.size(); i < 20; i++) {
            pictures.add(scenes.scene(100 + i).image());
        }
        return pictures;
    }
}
