package io.maskstream.trainer.adoption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.maskstream.segmentation.adoption.AdoptionOptions;
import io.maskstream.segmentation.adoption.ClassMap;
import io.maskstream.segmentation.dataset.Dataset;
import io.maskstream.segmentation.dataset.DatasetItem;
import io.maskstream.segmentation.dataset.Datasets;
import io.maskstream.segmentation.image.ImageDecoder;
import io.maskstream.segmentation.image.ImageLimits;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.mask.Mask;
import io.maskstream.segmentation.model.Device;
import io.maskstream.segmentation.model.InferenceModel;
import io.maskstream.segmentation.model.ModelMetadata;
import io.maskstream.segmentation.model.PseudoLabelHead;
import io.maskstream.segmentation.scene.Scene;
import io.maskstream.segmentation.scene.StreetScenes;
import io.maskstream.trainer.data.Example;
import io.maskstream.trainer.data.Examples;
import io.maskstream.trainer.evaluation.Evaluation;
import io.maskstream.trainer.evaluation.EvaluationReport;
import io.maskstream.trainer.libtorch.ImageTensors;
import io.maskstream.trainer.libtorch.Torch;
import io.maskstream.trainer.network.GraphNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real networks trained by others. */
class PretrainedImportTest {
    private static final Path MODELS = Path.of(System.getProperty("maskstream.models", "models"));

    private static final String CITYSCAPES = "road,sidewalk,building,wall,fence,pole,traffic light,traffic sign,"
            + "vegetation,terrain,sky,person,rider,car,truck,bus,train,motorcycle,bicycle";

    private static final String CAMVID =
            """
            sky = sky
            building = building
            pole = pole
            road = road
            pavement = sidewalk
            tree = vegetation, terrain
            sign_symbol = traffic light, traffic sign
            fence = wall, fence
            car = car, truck, bus, train
            pedestrian = person
            bicyclist = rider, motorcycle, bicycle
            """;

    @TempDir
    Path folder;

    @BeforeAll
    static void useOneThread() {
        Torch.threads(1);
    }

    @ParameterizedTest
    @CsvSource({
        "deeplabv3-mobilenetv2-05-voc, bird_segmentation, 3",
        "deeplabv3-mobilenetv2-05-voc, dog_segmentation, 12",
        "deeplabv3-mobilenetv2-voc, bird_segmentation, 3"
    })
    void findsTheAnimal_whenTheVocNetworkIsImportedAsItIs(String name, String sample, int expected) throws Exception {
        Path file = MODELS.resolve(name + ".onnx");
        assumeTrue(Files.isRegularFile(file), "the pretrained networks are not beside the project");
        ModelImport.Imported imported = ModelImport.of(file, new AdoptionOptions(name).size(513, 513));
        assertThat(imported.report().agreement().largestDifference()).isLessThan(1e-4);
        RgbImage picture = new ImageDecoder(ImageLimits.DEFAULT)
                .decode(Files.readAllBytes(MODELS.resolve("samples").resolve(sample + ".png")));
        try (InferenceModel model = InferenceModel.of(imported.model(), Device.CPU, 1)) {
            Mask mask = model.run(List.of(picture)).get(0).mask();
            int found = 0;
            int others = 0;
            for (int i = 0; i < mask.classes().length(); i++) {
                int index = mask.classes().at(i) & 0xff;
                found += index == expected ? 1 : 0;
                others += index != expected && index != 0 ? 1 : 0;
            }
            assertThat(found).isGreaterThan(mask.classes().length() / 20);
            assertThat(others).isLessThan(found / 2);
        }
    }

    @Test
    void keepsWhatItKnows_whenTheCityscapesNetworkIsMappedToCamVid() throws Exception {
        Path file = MODELS.resolve("deeplabv3-mobilenetedgetpu-cityscapes.onnx");
        Path camVid = Path.of(System.getProperty("maskstream.datasets", "datasets"), "CamVid");
        assumeTrue(Files.isRegularFile(file), "the pretrained networks are not beside the project");
        assumeTrue(Files.isDirectory(camVid), "the data sets are not beside the project");
        Path map = Files.writeString(folder.resolve("camvid.map"), CAMVID);
        AdoptionOptions asked = new AdoptionOptions("cityscapes")
                .size(385, 513)
                .oldClasses(List.of(CITYSCAPES.split(",", -1)))
                .classMap(ClassMap.read(map));
        ModelImport.Imported imported = ModelImport.of(file, asked);
        assertThat(imported.report().agreement().largestDifference()).isLessThan(1e-4);
        Dataset dataset = Datasets.open(camVid);
        List<DatasetItem> every = new ArrayList<>();
        List<DatasetItem> all = dataset.items("val");
        for (int i = 0; i < all.size(); i += 4) {
            every.add(all.get(i));
        }
        try (InferenceModel model = InferenceModel.of(imported.model(), Device.CPU, 1)) {
            EvaluationReport report =
                    Evaluation.of(model, new Items(every, dataset.classes())).report();
            assertThat(report.images()).isEqualTo(26);
            assertThat(report.miou()).isCloseTo(0.56, within(0.01));
        }
    }

    @Test
    void learnsAndAgreesAgain_whenFeaturesGetAClassifier() throws Exception {
        Path file = MODELS.resolve("mobilenetv2-imagenet-features.onnx");
        assumeTrue(Files.isRegularFile(file), "the pretrained networks are not beside the project");
        AdoptionOptions asked = new AdoptionOptions("features")
                .size(64, 96)
                .classes(StreetScenes.classes().names());
        learns(ModelImport.of(file, asked).model(), 64, 96);
    }

    @Test
    void learnsAndAgreesAgain_whenTheVocNetworkGetsAFreshClassifier() throws Exception {
        Path file = MODELS.resolve("deeplabv3-mobilenetv2-05-voc.onnx");
        assumeTrue(Files.isRegularFile(file), "the pretrained networks are not beside the project");
        AdoptionOptions asked = new AdoptionOptions("voc")
                .size(81, 97)
                .classes(StreetScenes.classes().names());
        learns(ModelImport.of(file, asked).model(), 81, 97);
    }

    private static void learns(ModelProto released, int height, int width) throws IOException {
        ModelProto trainable = PseudoLabelHead.detach(released);
        Scene scene = new StreetScenes(4, height, width).scene(0);
        try (PointerScope scope = new PointerScope();
                GraphNetwork network = GraphNetwork.of(trainable, Device.CPU)) {
            Tensor images = ImageTensors.images(
                    List.of(scene.image()), ModelMetadata.read(trainable).input(), Device.CPU);
            Tensor truth = ImageTensors.masks(List.of(scene.mask()), Device.CPU);
            network.train();
            AdamW optimiser = new AdamW(
                    new TensorVector(network.parameters().values().toArray(Tensor[]::new)), new AdamWOptions(1e-3));
            double first = 0;
            double last = 0;
            for (int step = 0; step < 8; step++) {
                try (PointerScope inner = new PointerScope()) {
                    optimiser.zero_grad();
                    Tensor loss = torch.cross_entropy_loss(
                            network.forward(images).logits(), truth, new TensorOptional(), 1, Mask.IGNORE, 0);
                    loss.backward();
                    optimiser.step();
                    last = loss.item_double();
                    first = step == 0 ? last : first;
                }
            }
            assertThat(last).isLessThan(0.8 * first);
            network.eval();
            assertThat(Agreement.measure(network.toModel()).largestDifference()).isLessThan(1e-4);
        }
    }

    /** Examples of a data set. */
    private record Items(List<DatasetItem> items, ClassList classes) implements Examples {
        @Override
        public int size() {
            return items.size();
        }

        @Override
        public Example get(int index) {
            try {
                DatasetItem item = items.get(index);
                return new Example(item.id(), item.readImage(), item.readMask(classes));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
